"""A recording on a port of this machine: REST, WebSocket routes and controls for tests."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from aiohttp import web

from core.simulator.clock import MOST_SPEED
from core.simulator.errors import SimulatorError
from core.simulator.faults.board import FaultBoard
from core.simulator.faults.control import FaultControl
from core.simulator.faults.kinds import AnyFault
from core.simulator.faults.requests import RequestFaults
from core.simulator.frame_replay.contents import Contents, contents, opened_recording
from core.simulator.frame_replay.endpoints import ReplayEndpoints
from core.simulator.frame_replay.playback import Playback
from core.simulator.frame_replay.state import ReplayState
from core.simulator.rest import RestServer
from core.simulator.server import listening
from core.simulator.sockets import Sockets

LABEL = "REPLAY"


class ReplayServer:
    """
    Everything that is reachable from outside, for one recording.

    Args:
        path: The recording; see `core.data.recording.reader.Recording`.
        symbols: Which of its symbols; empty: all.
        speed: Seconds of the recording per second.

    Raises:
        SimulatorError: If the recording cannot be used.
    """

    def __init__(
        self,
        path: Path,
        symbols: tuple[str, ...] = (),
        *,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0.0 < speed <= MOST_SPEED:
            raise SimulatorError(f"speed must be above 0 and at most {MOST_SPEED:.0f}, was {speed}")
        recording = opened_recording(path)
        self._contents: Contents = contents(recording, symbols)
        self._speed = speed
        self._monotonic = monotonic
        names = [listing.symbol for listing in self._contents.listings]
        self.state = ReplayState(names, self._contents.streams, self._contents.begins_ms)
        self.state.expect(recording.answers())
        self.playback = Playback(
            recording,
            self.state,
            names,
            speed=speed,
            waiting=lambda: self._sockets.waiting,
            monotonic=monotonic,
        )
        board = FaultBoard(monotonic)
        self._requests = RequestFaults(board, self._now_ms)
        self._sockets = Sockets(self.playback, board, self._now_ms)
        self.faults = FaultControl(board, self._sockets.strike)
        self._name = path.name

    def application(self) -> web.Application:
        """Return the routes of the exchange and of the controls."""
        listings, label = self._contents.listings, f"{LABEL} {self._name}"
        endpoints = ReplayEndpoints(self.state, listings, label, self._requests)
        symbols = frozenset(listing.symbol for listing in listings)
        rest = RestServer(endpoints.resources(), symbols, self._monotonic, self._requests)
        app = web.Application()
        app.add_routes(rest.routes())
        app.add_routes(self._sockets.routes())
        app.add_routes(self.faults.routes())
        app.add_routes([web.get("/sim/state", self._state), web.post("/sim/drop", self._drop)])
        app.on_shutdown.append(self._end_sockets)
        return app

    async def _state(self, request: web.Request) -> web.Response:
        del request
        playback = self.playback
        return web.json_response(
            {
                "speed": self._speed,
                "market_time_ms": self.state.market_ms,
                "label": f"{LABEL} {self._name}",
                "seed": 0,
                "symbols": [listing.symbol for listing in self._contents.listings],
                "clients": len(self._sockets),
                "replay": playback.stage.value,
                "frames": playback.frames,
                "left_out": playback.left_out(),
            }
        )

    async def _drop(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"dropped": self._sockets.drop()})

    async def _end_sockets(self, app: web.Application) -> None:
        del app
        self._sockets.abort()

    def _now_ms(self) -> int:
        return self.state.market_ms


async def serve_recording(
    server: ReplayServer,
    *,
    port: int,
    on_ready: Callable[[int], None],
    faults: Iterable[AnyFault] = (),
) -> None:
    """
    Serve a recording until cancelled.

    Args:
        server: Of the recording.
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        on_ready: Told the port once requests are answered.
        faults: What goes wrong from the start on.

    Raises:
        SimulatorError: If the port cannot be opened.
    """
    for fault in faults:
        server.faults.start(fault)
    async with listening(server, port) as opened:
        on_ready(opened)
        await server.playback.run()
