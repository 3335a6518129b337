"""The exchange on a port of this machine: REST, WebSocket routes and controls for tests."""

import errno
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Middleware

from core.simulator.clock import MarketClock
from core.simulator.errors import SimulatorError
from core.simulator.feeds import Books, Sources
from core.simulator.hub import Hub
from core.simulator.market import Market
from core.simulator.premium import Premium
from core.simulator.rest import RestServer
from core.simulator.rest_endpoints import RestEndpoints
from core.simulator.session import Session
from core.simulator.streams import Route
from core.simulator.tape import Tape

HOST = "127.0.0.1"
_SHUTDOWN_S = 1.0
_LONGEST_REFUSAL_S = 3_600.0
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ExchangeServer:
    """Everything that is reachable from outside, for one market and clock."""

    def __init__(
        self,
        market: Market,
        clock: MarketClock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        tape = Tape(market)
        sources = Sources(tape, Premium(market), Books(tape, clock.now_ms()))
        self.hub = Hub(sources, clock)
        self._market = market
        self._clock = clock
        self._monotonic = monotonic
        self._endpoints = RestEndpoints(sources, clock)
        self._sockets: dict[Session, web.Request] = {}
        self._refuse_until_s = 0.0

    def application(self) -> web.Application:
        """Return the routes of the exchange and of its controls."""
        rest = RestServer(
            self._endpoints.resources(), frozenset(self._market.listings), self._monotonic
        )
        app = web.Application(middlewares=[self._refusing()])
        app.add_routes(rest.routes())
        for route, root in (
            (Route.MARKET, "/market"),
            (Route.PUBLIC, "/public"),
            (Route.LEGACY, ""),
        ):
            app.add_routes(
                [
                    web.get(f"{root}/ws", self._socket(route, combined=False)),
                    web.get(f"{root}/ws/{{streams:.*}}", self._socket(route, combined=False)),
                    web.get(f"{root}/stream", self._socket(route, combined=True)),
                ]
            )
        app.add_routes(
            [
                web.post("/sim/drop", self._drop),
                web.post("/sim/refuse", self._refuse),
                web.get("/sim/state", self._state),
            ]
        )
        app.on_shutdown.append(self._end_sockets)
        return app

    def _socket(self, route: Route, *, combined: bool) -> _Handler:
        async def connect(request: web.Request) -> web.StreamResponse:
            session = Session(self.hub, route, combined=combined)
            self._sockets[session] = request
            try:
                return await session.serve(request, _names(request))
            finally:
                del self._sockets[session]

        return connect

    def _refusing(self) -> Middleware:
        @web.middleware
        async def refuse(request: web.Request, handler: _Handler) -> web.StreamResponse:
            if self._monotonic() < self._refuse_until_s and not request.path.startswith("/sim/"):
                return web.Response(status=503, text="Service Unavailable.")
            return await handler(request)

        return refuse

    async def _drop(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"dropped": self._abort_sockets()})

    async def _refuse(self, request: web.Request) -> web.Response:
        try:
            seconds = float(request.query.get("seconds", ""))
        except ValueError:
            return web.json_response({"error": "seconds must be a number"}, status=400)
        if not 0.0 <= seconds <= _LONGEST_REFUSAL_S:  # NaN is refused as well
            return web.json_response({"error": "seconds must be 0 to 3600"}, status=400)
        self._refuse_until_s = self._monotonic() + seconds
        return web.json_response({"refusing_s": seconds})

    async def _state(self, request: web.Request) -> web.Response:
        del request
        return web.json_response(
            {
                "speed": self._clock.speed,
                "market_time_ms": self._clock.now_ms(),
                "label": self._market.label,
                "seed": self._market.seed,
                "symbols": list(self._market.listings),
                "clients": len(self._sockets),
            }
        )

    async def _end_sockets(self, app: web.Application) -> None:
        del app
        self._abort_sockets()

    def _abort_sockets(self) -> int:
        dropped = 0
        for request in tuple(self._sockets.values()):
            if request.transport is not None:
                request.transport.abort()
                dropped += 1
        return dropped


@asynccontextmanager
async def listening(server: ExchangeServer, port: int) -> AsyncIterator[int]:
    """
    Open the port (0 for a free one) and yield its number.

    Raises:
        SimulatorError: If the port is taken or not allowed.
    """
    runner = web.AppRunner(
        server.application(),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_S,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            reason = "is taken by another program" if taken else f"cannot be opened: {error}"
            raise SimulatorError(f"port {port} {reason}; choose another with --port") from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def serve(
    market: Market,
    clock: MarketClock,
    *,
    port: int,
    on_ready: Callable[[int], None] = lambda port: None,
) -> None:
    """
    Serve a market until cancelled.

    Args:
        market: What is traded.
        clock: Which time it is there.
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        on_ready: Told the port once requests are answered.

    Raises:
        SimulatorError: If the port cannot be opened.
    """
    server = ExchangeServer(market, clock)
    async with listening(server, port) as opened:
        on_ready(opened)
        await server.hub.run()


def _names(request: web.Request) -> list[str]:
    """Return the streams a URL asks for; ccxt appends a bare number that means nothing."""
    path = request.match_info.get("streams", "")
    listed = [*path.split("/"), *request.query.get("streams", "").split("/")]
    return [name for name in dict.fromkeys(listed) if name and not name.isdecimal()]
