"""One followed symbol: what is known of its candles, and whether that is all there is."""

import time
from collections.abc import Callable

from core.data.backfill import Backfill
from core.data.bar_sequence import BarSequence
from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.repair import Repair
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

_NO_DATA = "connected, no data yet; none at all hints at a wrong URL"


class FollowedSymbol:
    """
    Order, holes and link of one symbol.

    Attributes:
        rank: How urgent it is: a small number is served first.
        focused: Whether it is traded or on screen, rather than watched.
        link: LIVE with the first data through its socket, else why nothing flows.
        reason: The link in words; empty when it is live.
        subscribed: Whether the exchange acknowledged its candles since they were last lost.
        refused: Why REST will not serve this symbol, which waiting does not cure; else empty.
        trouble: Why it could not be repaired for now; empty when it could.
        mute: Why its candle stream counts as dead although others deliver; else empty.
        mark: The newest mark price; None before the first.
    """

    def __init__(
        self,
        symbol: str,
        backfill: Backfill,
        *,
        window_candles: int,
        market_ms: Callable[[], int | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.symbol = symbol
        self.sequence = BarSequence()
        self.repair = Repair(
            symbol,
            self.sequence,
            backfill,
            window_candles=window_candles,
            market_ms=market_ms,
            monotonic=monotonic,
        )
        self.rank = 0
        self.focused = False
        self.link = FeedState.STARTING
        self.reason = ""
        self.subscribed = False
        self.refused = ""
        self.trouble = ""
        self.mute = ""
        self.mark: MarkPrice | None = None

    @property
    def tradable(self) -> bool:
        """Whether its market is open; of a closed one nothing is overdue."""
        return self.repair.market_open

    def open_market(self, *, tradable: bool, has_sessions: bool) -> None:
        """Take note of whether it trades; when it does again, look what was missed."""
        repair = self.repair
        if (tradable and not repair.market_open) or has_sessions != repair.has_sessions:
            repair.check()
        repair.market_open, repair.has_sessions = tradable, has_sessions

    def widen(self, window_candles: int) -> bool:
        """Look so many candles back; return whether that is further than before."""
        further = window_candles > self.repair.window_candles
        self.repair.window_candles = window_candles
        if further:
            self.repair.check()
        return further

    def heard(self) -> None:
        """Take note that data flows."""
        self.link, self.reason = FeedState.LIVE, ""

    def connected(self) -> None:
        """
        Take note that its stream was subscribed on a socket.

        Where data flows already, this is a socket that takes over from another without a gap:
        what the change may have cost shows as a bar that is overdue.
        """
        self.subscribed = True
        if self.link is not FeedState.LIVE:
            self.reason = _NO_DATA
            self.repair.check()

    def disconnected(self, reason: str, *, silent: bool) -> None:
        """Take note that nothing flows any more."""
        self.subscribed = False
        self.link = FeedState.SILENT if silent else FeedState.RECONNECTING
        self.reason = reason

    def whole(self, since_ms: int | None = None) -> bool:
        """
        Whether data flows and no closed 1m bar is missing; looks at memory only.

        Args:
            since_ms: From this bar on; default: in the whole window.
        """
        last_ms = self.sequence.last_ms
        if self.link is not FeedState.LIVE or self.mute or not self.tradable or last_ms is None:
            return False
        if self.repair.pending or self.repair.hole() is not None:
            return False
        start_ms = self.window_start_ms if since_ms is None else since_ms
        return not self.repair.absent.gaps(start_ms)

    @property
    def window_start_ms(self) -> int:
        """Open time of the oldest bar that should be there."""
        last_ms = self.sequence.last_ms or 0
        start_ms = last_ms - (self.repair.window_candles - 1) * MINUTE_MS
        return max(start_ms, self.repair.begins_ms)

    def lateness(self, update: CandleUpdate) -> bool:
        """
        Take a closed candle that is no longer next; return whether it was missing until now.

        One that differs from what was announced is put in doubt.
        """
        open_ms = update.candle.open_time_ms
        if self.repair.absent.lacks(open_ms):
            self.repair.absent.filled((open_ms,))
            return True
        if self.sequence.contradicts(update):
            self.repair.doubt(open_ms)
        return False

    def standing(self) -> tuple[FeedState, str]:
        """Return how this symbol is, and why if not live."""
        if self.link is not FeedState.LIVE:
            return self.link, self.reason
        if self.mute:
            return FeedState.SILENT, self.mute
        if self.trouble:
            return FeedState.BACKFILLING, self.trouble
        if self.repair.pending:
            return FeedState.BACKFILLING, f"fetching the newest candles of {self.symbol}"
        hole = self.repair.hole()
        if hole is not None:
            bars = hole.bars(Interval.M1)
            plural = "" if bars == 1 else "s"
            return FeedState.BACKFILLING, f"{self.symbol} lacks {bars} closed candle{plural}"
        return FeedState.LIVE, ""
