"""What the feed can be asked; every answer comes from memory and is cheap."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter

from core.data.absent_bars import AbsentBars
from core.data.event_intake import EventIntake
from core.data.feed_status import FeedState, FeedStatus, Stream, SymbolUniverse
from core.data.followed_symbol import FollowedSymbol
from core.data.following import Following
from core.data.market_events import MarkPrice
from core.data.sockets.health import StreamHealth, StreamState
from core.model.gap import Gap
from core.model.instrument import Instrument
from core.model.intervals import Interval

_FLOWING = (StreamState.LIVE, StreamState.QUIET)


class FeedView:
    """
    How the market is as far as the feed knows; `MarketFeed` keeps it current.

    Args:
        following: Who is followed.
        universe: What the exchange says of symbols.
        stream: Whose sockets and counts are meant.
        intake: What came through them, and when.
        monotonic: Measures the age of the newest frame.
    """

    def __init__(
        self,
        following: Following,
        universe: SymbolUniverse,
        stream: Stream,
        intake: EventIntake,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._following = following
        self._universe = universe
        self._stream = stream
        self._monotonic = monotonic
        self._intake = intake
        self._stopped = False

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is followed, the engine's list first."""
        return self._following.symbols

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Trading rules by symbol; empty until the exchange has told them."""
        return self._universe.instruments

    @property
    def market_label(self) -> str | None:
        """What a simulator calls its market; None on a real exchange."""
        return self._universe.market_label

    def market_time_ms(self) -> int | None:
        """Return the newest exchange time that was told; None before the first."""
        return self._intake.time.newest_ms

    def mark(self, symbol: str) -> MarkPrice | None:
        """Return the newest mark price, with index and funding; None before the first."""
        followed = self._following.members.get(symbol)
        return followed.mark if followed is not None else None

    def whole(self, symbol: str, *, since_ms: int | None = None) -> bool:
        """
        Whether a symbol's data flows and none of its closed 1m candles is missing.

        Args:
            symbol: Name of the perpetual.
            since_ms: Only from this bar on; default: in the whole window.
        """
        followed = self._following.members.get(symbol)
        return followed is not None and not self._stopped and followed.whole(since_ms)

    def gaps(self, symbol: str) -> tuple[Gap, ...]:
        """Return the 1m holes within the window that REST could not fill either."""
        followed = self._following.members.get(symbol)
        return _gaps(followed) if followed is not None else ()

    def standing(self, symbol: str) -> tuple[FeedState | StreamState, str]:
        """Return how one symbol's candles are, and why if they are not live."""
        followed = self._following.members.get(symbol)
        if self._stopped:
            return FeedState.STOPPED, ""
        if followed is None:
            return FeedState.STARTING, f"{symbol} is not followed yet"
        if not followed.tradable:
            return StreamState.CLOSED, f"the market of {symbol} is closed"
        state, reason = followed.standing()
        if followed.refused and state is FeedState.LIVE:
            return FeedState.BACKFILLING, followed.refused
        return state, reason

    def streams(self) -> tuple[StreamHealth, ...]:
        """Return how each stream is, and what is still to be done for its symbol."""
        selection = self._following.selection
        owners = {**selection.flow, **selection.candles}
        return tuple(
            self._overlaid(health, owners.get(name))
            for name, health in self._stream.health().items()
        )

    def status(self) -> FeedStatus:
        """Return how the feed is now."""
        state, reason = self._condition()
        statistics, heard_s = self._stream.statistics, self._intake.heard_s
        return FeedStatus(
            state=state,
            age_s=None if heard_s is None else self._monotonic() - heard_s,
            detail="; ".join(filter(None, (reason, *self._notes()))),
            frames=statistics.frames,
            malformed=statistics.malformed.total(),
            reconnects=statistics.reconnects,
            differences=self._differences(),
            gaps=sum(
                gap.bars(Interval.M1)
                for followed in self._following.members.values()
                for gap in _gaps(followed)
            ),
            unreadable=dict(statistics.malformed),
        )

    def _differences(self) -> int:
        """How many bars REST told otherwise than was known."""
        return 0

    def _doing(self) -> tuple[str, ...]:
        """Return what goes on or goes wrong besides the market, for people."""
        return ()

    def _condition(self) -> tuple[FeedState, str]:
        """Return the state of what is in focus: that of its worst symbol, and the reason."""
        if self._stopped:
            return FeedState.STOPPED, ""
        trading = [f for f in self._focused() if f.tradable]
        # One symbol that REST will not serve holds up no other; but all of them cannot be live.
        usable = [f for f in trading if not f.refused] or trading
        standings = [(followed.symbol, *followed.standing()) for followed in usable]
        cut = [s for s in standings if s[1] not in (FeedState.LIVE, FeedState.BACKFILLING)]
        behind = cut or [s for s in standings if s[1] is FeedState.BACKFILLING]
        if behind:
            symbol, state, reason = behind[0]
            if cut and len(cut) < len(usable) and reason:
                reason = f"{symbol}: {reason}"
            return state, reason
        heard = standings or (self._following.members and self._intake.heard_s is not None)
        return (FeedState.LIVE if heard else FeedState.STARTING), ""

    def _focused(self) -> list[FollowedSymbol]:
        members = self._following.members
        return sorted(
            (members[s] for s in self._following.focused if s in members), key=attrgetter("rank")
        )

    def _notes(self) -> Iterator[str]:
        for symbol, nearest in self._universe.unknown.items():
            meant = f"; did you mean {', '.join(nearest)}?" if nearest else ""
            yield f"the exchange does not list {symbol}{meant}"
        for symbol in self._following.without_market:
            status = self._universe.instruments[symbol].status
            yield f"{symbol} is not followed: the exchange says {status}"
        for followed in self._focused():
            if followed.refused:
                yield followed.refused
            elif not followed.tradable:
                yield f"the market of {followed.symbol} is closed"
        yield from self._doing()

    def _overlaid(self, health: StreamHealth, symbol: str | None) -> StreamHealth:
        if self._stopped:
            return replace(health, state=StreamState.STOPPED)
        followed = self._following.members.get(symbol) if symbol is not None else None
        if followed is None:
            return health
        if not followed.tradable:
            return replace(health, state=StreamState.CLOSED, detail="the market is closed")
        state, reason = followed.standing()
        candles = health.name in self._following.selection.candles
        if candles and state is FeedState.BACKFILLING and health.state in _FLOWING:
            return replace(health, state=StreamState.BACKFILLING, detail=reason)
        return health


def _gaps(followed: FollowedSymbol) -> tuple[Gap, ...]:
    absent: AbsentBars = followed.repair.absent
    return absent.gaps(followed.window_start_ms) if len(absent) else ()
