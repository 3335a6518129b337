"""The WebSocket side of an exchange: its routes and the sockets that are open."""

from collections.abc import Awaitable, Callable

from aiohttp import WSCloseCode, web

from core.simulator.faults.board import Active, FaultBoard
from core.simulator.faults.kinds import Drop, Fault, Shutdown
from core.simulator.faults.requests import RequestFaults, as_response
from core.simulator.session import Session, Topics
from core.simulator.streams import Route

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ROOTS = (
    (Route.MARKET, "/market"),
    (Route.PUBLIC, "/public"),
    (Route.PRIVATE, "/private"),
    (Route.LEGACY, ""),
)


class Sockets:
    """
    Opens sessions and ends them.

    Args:
        topics: Where frames come from.
        board: The faults that strike sessions.
        now_ms: Market time.
    """

    def __init__(self, topics: Topics, board: FaultBoard, now_ms: Callable[[], int]) -> None:
        self._topics = topics
        self._board = board
        self._now_ms = now_ms
        self._requests = RequestFaults(board, now_ms)
        self._open: dict[Session, web.Request] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def waiting(self) -> int:
        """How many frames the slowest client has not taken yet."""
        return max((session.waiting for session in self._open), default=0)

    def routes(self) -> list[web.RouteDef]:
        """Return the paths clients connect to."""
        return [
            route
            for way, root in _ROOTS
            for route in (
                web.get(f"{root}/ws", self._connecting(way, combined=False)),
                web.get(f"{root}/ws/{{streams:.*}}", self._connecting(way, combined=False)),
                web.get(f"{root}/stream", self._connecting(way, combined=True)),
            )
        ]

    def strike(self, active: Active[Fault]) -> None:
        """Carry out a fault that ends sockets."""
        for session in tuple(self._open):
            if isinstance(active.fault, Drop):
                session.end(active.fault.code)
            elif isinstance(active.fault, Shutdown):
                session.shut_down(self._now_ms())
            active.strike()

    def drop(self) -> int:
        """Reset every connection and return how many there were."""
        dropped = tuple(self._open)
        for session in dropped:
            session.end(WSCloseCode.ABNORMAL_CLOSURE)
        return len(dropped)

    def abort(self) -> None:
        """End every connection at once, as the server ends."""
        for request in tuple(self._open.values()):
            if request.transport is not None:
                request.transport.abort()

    def _connecting(self, route: Route, *, combined: bool) -> Handler:
        async def connect(request: web.Request) -> web.StreamResponse:
            if refused := self._requests.handshake():
                return as_response(refused)
            session = Session(self._topics, route, combined=combined, board=self._board)
            self._open[session] = request
            try:
                return await session.serve(request, stream_names(request))
            finally:
                del self._open[session]

        return connect


def stream_names(request: web.Request) -> list[str]:
    """Return the streams a URL asks for; ccxt appends a bare number that means nothing."""
    path = request.match_info.get("streams", "")
    listed = [*path.split("/"), *request.query.get("streams", "").split("/")]
    return [name for name in dict.fromkeys(listed) if name and not name.isdecimal()]
