"""The exchange on a port of this machine: REST, WebSocket routes and controls for tests."""

import errno
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from core.http_log import HttpLog
from core.simulator.clock import MarketClock
from core.simulator.errors import SimulatorError
from core.simulator.faults.board import FaultBoard
from core.simulator.faults.control import FaultControl
from core.simulator.faults.kinds import AnyFault
from core.simulator.faults.requests import RequestFaults
from core.simulator.feeds import Books, Sources
from core.simulator.hub import Hub
from core.simulator.listed import ListedMarket, parse_listing_change
from core.simulator.market import Market
from core.simulator.premium import Premium
from core.simulator.rest import RestServer
from core.simulator.rest_endpoints import RestEndpoints
from core.simulator.sockets import Handler, Sockets
from core.simulator.tape import Tape

HOST = "127.0.0.1"
_SHUTDOWN_S = 1.0
_LONGEST_URL_BYTES = 1 << 16  # a thousand streams can be named in one
_LONGEST_REFUSAL_S = 3_600.0


class Server(Protocol):
    """What can be opened on a port."""

    def application(self) -> web.Application:
        """Return its routes."""


class ExchangeServer:
    """Everything that is reachable from outside, for one market and clock."""

    def __init__(
        self,
        market: Market,
        clock: MarketClock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        listed = ListedMarket(market)
        tape = Tape(listed)
        sources = Sources(tape, Premium(listed), Books(tape, clock.now_ms()))
        self.hub = Hub(sources, clock)
        self._market = listed
        self._clock = clock
        self._monotonic = monotonic
        board = FaultBoard(monotonic)
        self._requests = RequestFaults(board, clock.now_ms)
        self._endpoints = RestEndpoints(sources, clock, self._requests, listed)
        self._sockets = Sockets(self.hub, board, clock.now_ms)
        self.faults = FaultControl(board, self._sockets.strike)
        self._refuse_until_s = 0.0

    def application(self) -> web.Application:
        """Return the routes of the exchange and of its controls."""
        rest = RestServer(
            self._endpoints.resources(), self._market.listings, self._monotonic, self._requests
        )
        app = web.Application(middlewares=[self._refusing()])
        app.add_routes(rest.routes())
        app.add_routes(self._sockets.routes())
        app.add_routes(self.faults.routes())
        app.add_routes(
            [
                web.post("/sim/drop", self._drop),
                web.post("/sim/refuse", self._refuse),
                web.post("/sim/listings", self._list),
                web.get("/sim/state", self._state),
            ]
        )
        app.on_shutdown.append(self._end_sockets)
        return app

    def _refusing(self) -> Middleware:
        @web.middleware
        async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:
            if self._monotonic() < self._refuse_until_s and not request.path.startswith("/sim/"):
                return web.Response(status=503, text="Service Unavailable.")
            return await handler(request)

        return refuse

    async def _drop(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"dropped": self._sockets.drop()})

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

    async def _list(self, request: web.Request) -> web.Response:
        try:
            change = parse_listing_change(await request.read())
            terms = self._market.change(change, self._clock.now_ms())
        except SimulatorError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"symbol": change.symbol, **asdict(terms)})

    async def _end_sockets(self, app: web.Application) -> None:
        del app
        self._sockets.abort()


@asynccontextmanager
async def listening(server: Server, port: int) -> AsyncIterator[int]:
    """
    Open the port (0 for a free one) and yield its number.

    Raises:
        SimulatorError: If the port is taken or not allowed.
    """
    runner = web.AppRunner(
        server.application(),
        access_log=None,
        logger=HttpLog(logging.getLogger(__name__)),
        handle_signals=False,
        shutdown_timeout=_SHUTDOWN_S,
        max_line_size=_LONGEST_URL_BYTES,
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
    faults: Iterable[AnyFault] = (),
) -> None:
    """
    Serve a market until cancelled.

    Args:
        market: What is traded.
        clock: Which time it is there.
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        on_ready: Told the port once requests are answered.
        faults: What goes wrong from the start on.

    Raises:
        SimulatorError: If the port cannot be opened.
    """
    server = ExchangeServer(market, clock)
    for fault in faults:
        server.faults.start(fault)
    async with listening(server, port) as opened:
        on_ready(opened)
        await server.hub.run()
