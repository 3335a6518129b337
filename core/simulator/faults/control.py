"""Faults by HTTP: started, listed and ended on the port of the simulator."""

from collections.abc import Callable

from aiohttp import web

from core.simulator.errors import SimulatorError
from core.simulator.faults.board import Active, FaultBoard, described
from core.simulator.faults.kinds import AnyFault, Drop, Fault, Shutdown, parse_fault

_LONGEST_ID = 19
Strike = Callable[[Active[Fault]], None]


class FaultControl:
    """
    The control port's ``/sim/faults``.

    Args:
        board: Where faults are kept.
        strike_sockets: Carries out, at once, what ends the sockets that are open.
    """

    def __init__(self, board: FaultBoard, strike_sockets: Strike) -> None:
        self._board = board
        self._strike_sockets = strike_sockets

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the control port."""
        return [
            web.post("/sim/faults", self._start),
            web.get("/sim/faults", self._list),
            web.delete("/sim/faults", self._end_all),
            web.delete("/sim/faults/{id}", self._end),
        ]

    def start(self, fault: AnyFault) -> Active[Fault]:
        """Begin a fault; what strikes only once is over when this returns."""
        active = self._board.start(fault)
        if isinstance(fault, Drop | Shutdown):
            self._strike_sockets(active)
            if fault.seconds is None:
                self._board.end(active.id)
        return active

    async def _start(self, request: web.Request) -> web.Response:
        try:
            fault = parse_fault(await request.read())
        except SimulatorError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(described(self.start(fault)))

    async def _list(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"faults": self._board.listed()})

    async def _end_all(self, request: web.Request) -> web.Response:
        del request
        return web.json_response({"ended": self._board.end_all()})

    async def _end(self, request: web.Request) -> web.Response:
        text = request.match_info["id"]
        if (
            text.isascii()
            and text.isdecimal()
            and len(text) < _LONGEST_ID
            and self._board.end(int(text))
        ):
            return web.json_response({"ended": 1})
        return web.json_response({"error": f"no active fault has the id {text}"}, status=404)
