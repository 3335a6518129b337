"""REST over HTTP: weights, error bodies, threads for what takes long."""

import asyncio
from collections.abc import Callable, Collection

from aiohttp import web

from core.simulator.faults.requests import RequestFaults, as_response
from core.simulator.rest_endpoints import Resource
from core.simulator.rest_parameters import ApiError, Parameters
from core.simulator.stream_frames import json_text
from core.simulator.weight import WEIGHT_PER_MINUTE, WeightCounter

_USED = "X-MBX-USED-WEIGHT-1M"


class RestServer:
    """
    Serves resources as the exchange does.

    Args:
        resources: What each path answers.
        symbols: What is listed.
        monotonic: Seconds, for the minute of the weight limit.
        faults: What goes wrong with requests; None for nothing.
    """

    def __init__(
        self,
        resources: dict[str, Resource],
        symbols: Collection[str],
        monotonic: Callable[[], float],
        faults: RequestFaults | None = None,
    ) -> None:
        self._resources = resources
        self._symbols = symbols
        self._weights = WeightCounter(monotonic)
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """Return a route for each path, and one for the paths nobody knows."""
        known = [web.get(path, self._serve) for path in self._resources]
        roots = ("fapi", "api", "futures")
        return [*known, *(web.get(f"/{root}/{{tail:.*}}", _unknown) for root in roots)]

    async def _serve(self, request: web.Request) -> web.Response:
        resource = self._resources[request.path]
        given = Parameters(request.query, self._symbols)
        if self._faults is not None and (refused := await self._faults.before()):
            self._weights.charge(1)
            return as_response(refused, self._used())
        try:
            body = await self._answer(resource, given)
        except ApiError as error:
            return _error(error, self._weights.used)
        if self._faults is not None and (nonsense := self._faults.instead(body)):
            return as_response(nonsense, self._used())
        return _response(body, 200, self._weights.used)

    def _used(self) -> dict[str, str]:
        return {_USED: str(self._weights.used)}

    async def _answer(self, resource: Resource, given: Parameters) -> object:
        if not self._weights.charge(_weight(resource, given)):
            raise ApiError(
                -1003,
                f"Too many requests; current limit is {WEIGHT_PER_MINUTE} request weight "
                "per minute.",
                429,
            )
        if resource.heavy:
            return await asyncio.to_thread(resource.answer, given)
        return resource.answer(given)


def _weight(resource: Resource, given: Parameters) -> int:
    try:
        return resource.weight(given)
    except ApiError:
        return 1  # a request that is refused for its parameters still counts


async def _unknown(request: web.Request) -> web.Response:
    text = f"Path {request.path}, Method {request.method} is invalid"
    return _error(ApiError(-5000, text, 404), 0)


def _error(error: ApiError, used: int) -> web.Response:
    return _response({"code": error.code, "msg": error.text}, error.status, used)


def _response(body: object, status: int, used: int) -> web.Response:
    return web.Response(
        body=json_text(body).encode(errors="replace"),  # a recorded body may hold half a character
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={_USED: str(used)},
    )
