"""REST over HTTP: weights, error bodies, threads for what takes long."""

import asyncio
from collections.abc import Callable

from aiohttp import web

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
    """

    def __init__(
        self,
        resources: dict[str, Resource],
        symbols: frozenset[str],
        monotonic: Callable[[], float],
    ) -> None:
        self._resources = resources
        self._symbols = symbols
        self._weights = WeightCounter(monotonic)

    def routes(self) -> list[web.RouteDef]:
        """Return a route for each path, and one for the paths nobody knows."""
        known = [web.get(path, self._serve) for path in self._resources]
        return [*known, web.get("/fapi/{tail:.*}", _unknown), web.get("/api/{tail:.*}", _unknown)]

    async def _serve(self, request: web.Request) -> web.Response:
        resource = self._resources[request.path]
        given = Parameters(request.query, self._symbols)
        try:
            body = await self._answer(resource, given)
        except ApiError as error:
            return _error(error, self._weights.used)
        return _response(body, 200, self._weights.used)

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
        text=json_text(body),
        status=status,
        content_type="application/json",
        headers={_USED: str(used)},
    )
