"""
Whether a stream lives: from what was counted, without a clock. Pure.

An acknowledgement proves nothing (the retired addresses acknowledge everything and stay
silent), and a quiet market is not a dead feed. So a stream of fixed rate is dead once it is
overdue; one whose rate depends on trading is only quiet, as long as its socket delivers; a
minute candle is told at least once a minute.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.data.sockets.plan import Route, expected_s

# So many expected periods without a frame make a stream of fixed rate overdue.
OVERDUE_PERIODS = 3.0
# A minute candle is sent at least when its minute ends; the rest is for a slow exchange.
_CANDLE_OVERDUE_S = 75.0
# Nobody need touch a book; only after this many times the silence of a market socket is a
# public one suspected.
PUBLIC_PATIENCE = 4.0
# A socket that delivered so lately is alive, whatever one of its streams does.
_BESIDE_S = 3.0
_ROUTE_HINT = {
    Route.MARKET: "candles, trades and marks come only on /market; check exchange.ws_url",
    Route.PUBLIC: "book streams come only on /public; check exchange.ws_url",
}


class StreamState(StrEnum):
    """How a stream is."""

    LIVE = "LIVE"
    QUIET = "QUIET"
    SILENT = "SILENT"
    RECONNECTING = "RECONNECTING"
    BACKFILLING = "BACKFILLING"
    STOPPED = "STOPPED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """
    How a stream is, in figures.

    Attributes:
        route: ``market`` or ``public``.
        age_s: Since its newest frame with data, monotonic; None before the first.
        expected_s: Seconds between frames; None where they depend on trading.
        detail: Why it is so, for people; empty when nothing is to be said.
    """

    name: str
    route: str
    state: StreamState
    age_s: float | None
    frames: int
    expected_s: float | None
    detail: str = ""


@dataclass(slots=True)
class Link:
    """
    What is known of the socket, whichever connection serves it now.

    Attributes:
        up_since_s: When the exchange first acknowledged streams on it; None while it is down.
        heard_s: When it last delivered data.
        reason: Why it is down.
        silent: Whether it was given up because nothing came.
    """

    route: Route
    up_since_s: float | None = None
    heard_s: float | None = None
    reason: str = "connecting"
    silent: bool = False

    def down(self, reason: str, *, silent: bool) -> None:
        """Note that no connection is left."""
        self.up_since_s, self.reason, self.silent = None, reason, silent


class StreamWatch:
    """
    What is counted of one stream on one socket.

    Attributes:
        heard_s: When it last delivered data.
        acknowledged_s: When the exchange first said that it is subscribed, since the socket is
            up; None while it has not.
        revived_s: When it was subscribed anew because nothing came.
        refused: Why the exchange will not subscribe it.
    """

    __slots__ = (
        "acknowledged_s",
        "expected_s",
        "frames",
        "heard_s",
        "link",
        "name",
        "overdue_s",
        "refused",
        "revived_s",
    )

    def __init__(self, name: str, link: Link) -> None:
        self.name = name
        self.link = link
        self.expected_s = expected_s(name)
        self.overdue_s = _overdue_s(name, self.expected_s)
        self.frames = 0
        self.heard_s: float | None = None
        self.acknowledged_s: float | None = None
        self.revived_s: float | None = None
        self.refused = ""

    def lost(self) -> None:
        """Note that its connection is gone; what the exchange said there counts no more."""
        self.acknowledged_s = self.revived_s = None
        self.refused = ""

    def overdue(self, now_s: float) -> bool:
        """Whether it must have delivered by now, were it alive."""
        if self.overdue_s is None or self.acknowledged_s is None:
            return False
        waits_since_s = max(self.heard_s or 0.0, self.acknowledged_s)
        return now_s - waits_since_s > self.overdue_s

    def worth_reviving(self, now_s: float) -> bool:
        """Whether subscribing it anew may help and was not tried since it last delivered."""
        socket_s = self.link.heard_s
        if not self.overdue(now_s) or socket_s is None or now_s - socket_s > _BESIDE_S:
            return False
        return self.revived_s is None or (self.heard_s or 0.0) > self.revived_s


def health(watch: StreamWatch, now_s: float, silence_s: float) -> StreamHealth:
    """
    Judge one stream.

    A market socket may deliver nothing for ``silence_s``; a stream silent for longer than that
    is not called live.
    """
    state, detail = _judged(watch, now_s, silence_s)
    return StreamHealth(
        name=watch.name,
        route=watch.link.route.value,
        state=state,
        age_s=None if watch.heard_s is None else max(0.0, now_s - watch.heard_s),
        frames=watch.frames,
        expected_s=watch.expected_s,
        detail=detail,
    )


def _judged(watch: StreamWatch, now_s: float, silence_s: float) -> tuple[StreamState, str]:
    link = watch.link
    if link.up_since_s is None:
        return (StreamState.SILENT if link.silent else StreamState.RECONNECTING), link.reason
    if watch.refused:
        return StreamState.SILENT, f"the exchange refused to subscribe it: {watch.refused}"
    if watch.acknowledged_s is None:
        return StreamState.RECONNECTING, "subscribing"
    socket_s = now_s - max(link.heard_s or 0.0, link.up_since_s)
    mute = socket_s > socket_silence_s(link.route, silence_s) / 2.0
    dead = mute or watch.overdue(now_s)
    if watch.heard_s is None or watch.heard_s < link.up_since_s:
        detail = zero_messages(link.route, now_s - watch.acknowledged_s)
        # A socket that has delivered nothing at all is not known to live.
        proven = link.heard_s is not None and link.heard_s >= link.up_since_s
        waiting = StreamState.QUIET if proven else StreamState.RECONNECTING
        return (StreamState.SILENT if dead else waiting), detail
    age_s = now_s - watch.heard_s
    if not dead and age_s <= silence_s:
        return StreamState.LIVE, ""
    whose = "its whole socket delivers nothing" if mute else "its socket delivers others"
    return (
        (StreamState.SILENT if dead else StreamState.QUIET),
        f"nothing for {age_s:.0f} s, {whose}",
    )


def zero_messages(route: Route, waited_s: float) -> str:
    """Name the disease that an acknowledgement hides."""
    hint = _ROUTE_HINT[route]
    return f"subscribed, acknowledged, zero messages for {waited_s:.0f} s ({hint})"


def socket_silence_s(route: Route, silence_s: float) -> float:
    """Return how long a socket may deliver nothing before it is replaced."""
    return silence_s if route is Route.MARKET else PUBLIC_PATIENCE * silence_s


def _overdue_s(name: str, period_s: float | None) -> float | None:
    if period_s is not None:
        return OVERDUE_PERIODS * period_s
    return _CANDLE_OVERDUE_S if name.endswith("@kline_1m") else None
