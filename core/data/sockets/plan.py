"""
Which stream travels on which socket. Pure.

Every socket of the market route carries a stream of fixed rate, so that its silence means
something; book streams have none, for a book that nobody touches is rightly quiet.

Source:
    developers.binance.com, USD-M futures, the split into /market and /public of 2026.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

MOST_STREAMS = 1024  # of one socket, as Binance allows since 2025-07-02
FEWEST_STREAMS = 2
ALL_MARKS = "!markPrice@arr@1s"
_PUBLIC = ("bookTicker", "depth", "rpiDepth")
_RATES_S = {
    "markPrice@1s": 1.0,
    "markPrice@arr@1s": 1.0,
    "markPrice": 3.0,
    "markPrice@arr": 3.0,
}


class Route(StrEnum):
    """The path of the exchange that carries a stream."""

    MARKET = "market"
    PUBLIC = "public"


def route_of(stream: str) -> Route:
    """Return the only route on which the stream is not silent."""
    kind = _kind(stream)
    return Route.PUBLIC if kind.startswith(_PUBLIC) or kind == "trade" else Route.MARKET


def expected_s(stream: str) -> float | None:
    """Return the seconds between frames; None where they depend on trading."""
    return _RATES_S.get(_kind(stream))


def _kind(stream: str) -> str:
    return stream[1:] if stream.startswith("!") else stream.partition("@")[2]


class SocketPlan:
    """
    Assigns wanted streams to numbered sockets; an assigned stream never moves.

    Args:
        streams_per_socket: One place of a market socket is for its heartbeat.
    """

    def __init__(self, streams_per_socket: int) -> None:
        if not FEWEST_STREAMS <= streams_per_socket <= MOST_STREAMS:
            raise ValueError(
                f"streams_per_socket must be {FEWEST_STREAMS} to {MOST_STREAMS}, "
                f"was {streams_per_socket}"
            )
        self._room = streams_per_socket
        self._wanted: dict[int, dict[str, None]] = {}
        self._socket_of: dict[str, int] = {}
        self._routes: dict[int, Route] = {}
        self._open: dict[Route, list[int]] = {route: [] for route in Route}
        self._next = 1

    @property
    def wanted(self) -> frozenset[str]:
        """What was asked for, without the heartbeats the plan adds."""
        return frozenset(self._socket_of)

    @property
    def routes(self) -> Mapping[int, Route]:
        """The route of each socket."""
        return self._routes

    def socket_of(self, stream: str) -> int | None:
        """Return where a wanted stream travels; None if it is not wanted."""
        return self._socket_of.get(stream)

    def streams(self, socket: int) -> tuple[str, ...]:
        """Return what a socket carries, streams of fixed rate first."""
        wanted = self._wanted[socket]
        beats = [name for name in wanted if expected_s(name) is not None]
        if not beats and self._routes[socket] is Route.MARKET:
            beats = [_beat_of(wanted)]
        return (*beats, *(name for name in wanted if expected_s(name) is None))

    def add(self, streams: Iterable[str]) -> frozenset[int]:
        """Give places to streams that have none; returns the sockets that changed."""
        changed: set[int] = set()
        for name in streams:
            if name not in self._socket_of:
                socket = self._place(name)
                self._wanted[socket][name] = None
                self._socket_of[name] = socket
                changed.add(socket)
        return frozenset(changed)

    def remove(self, streams: Iterable[str]) -> frozenset[int]:
        """Take streams away; returns the sockets that changed. An empty socket is gone."""
        changed: set[int] = set()
        for name in streams:
            socket = self._socket_of.pop(name, None)
            if socket is None:
                continue
            changed.add(socket)
            del self._wanted[socket][name]
            route = self._routes[socket]
            if socket not in self._open[route]:
                self._open[route].append(socket)
            if not self._wanted[socket]:
                self._open[route].remove(socket)
                del self._wanted[socket], self._routes[socket]
        return frozenset(changed)

    def _place(self, name: str) -> int:
        route = route_of(name)
        candidates = self._open[route]
        for socket in tuple(candidates):
            if self._fits(socket, name):
                return socket
            if len(self._wanted[socket]) >= self._room:
                candidates.remove(socket)
        socket, self._next = self._next, self._next + 1
        self._wanted[socket], self._routes[socket] = {}, route
        candidates.append(socket)
        return socket

    def _fits(self, socket: int, name: str) -> bool:
        taken = len(self._wanted[socket]) + 1
        if self._routes[socket] is Route.PUBLIC or expected_s(name) is not None:
            return taken <= self._room
        # The place of a heartbeat is kept free even while a wanted one beats: it may be removed.
        return taken < self._room


def _beat_of(wanted: Iterable[str]) -> str:
    for name in wanted:
        if not name.startswith("!"):
            return f"{name.partition('@')[0]}@markPrice@1s"
    return ALL_MARKS
