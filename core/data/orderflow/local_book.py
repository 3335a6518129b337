"""
An order book kept from a snapshot and the updates since, exactly or not at all.

Source:
    developers.binance.com, USD-M futures, "How to manage a local order book correctly"
    (PROTOCOLS A5).
"""

from collections import deque

from core.data.market_events import DepthUpdate, Level
from core.data.orderflow.book_side import BookSide
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.order_flow import BookPhase

SHOWN_LEVELS = 20
# A snapshot wears out as the market moves towards the last level it knew; at a fifth of its
# levels the next is fetched, while the book still holds.
_WORN = 5
# More than a minute of updates every 100 ms; a snapshot is there long before.
_MOST_WAITING = 1_000
# A repeated update carries its old time. An old id with so much newer a time is a new numbering.
_RENUMBERED_MS = 5_000


class LocalBook:
    """
    Takes updates in any phase; those that a snapshot is wanted for wait for it.

    Args:
        statistics: Where breaks, stale snapshots and the like are counted.
    """

    def __init__(self, statistics: OrderFlowStatistics) -> None:
        self._statistics = statistics
        self._phase = BookPhase.NONE
        self._based = False
        self._last_id = 0
        self._event_time_ms: int | None = None
        self._needed = self._spare = 0
        self._bids = BookSide(1.0)
        self._asks = BookSide(-1.0)
        self._waiting: deque[DepthUpdate] = deque(maxlen=_MOST_WAITING)

    @property
    def phase(self) -> BookPhase:
        """Whether it may be relied on."""
        return self._phase

    @property
    def last_id(self) -> int:
        """Id of the newest update contained; means something while LIVE."""
        return self._last_id

    @property
    def event_time_ms(self) -> int | None:
        """Exchange time of the newest update contained; None before the first."""
        return self._event_time_ms

    @property
    def wants_snapshot(self) -> bool:
        """Whether updates wait for a snapshot; a LIVE book may want a fresh one."""
        return bool(self._waiting)

    def bids(self, levels: int = SHOWN_LEVELS) -> tuple[Level, ...]:
        """Return the best bids, highest first; empty unless LIVE."""
        return self._bids.top(levels) if self._phase is BookPhase.LIVE else ()

    def asks(self, levels: int = SHOWN_LEVELS) -> tuple[Level, ...]:
        """Return the best asks, lowest first; empty unless LIVE."""
        return self._asks.top(levels) if self._phase is BookPhase.LIVE else ()

    def restart(self) -> None:
        """Rely on nothing known so far, because updates may have been missed."""
        self._begin_anew(BookPhase.NONE)

    def take(self, update: DepthUpdate) -> None:
        """Apply an update, or keep it until a snapshot is there."""
        if self._phase is BookPhase.LIVE:
            self._follow(update)
        elif self._based:
            self._bridge(update)
        else:
            self._wait_with(update)

    def install(self, snapshot: DepthSnapshot) -> None:
        """Begin from a snapshot, then apply the updates that waited for it."""
        self._statistics.snapshots += 1
        self._bids.fill(snapshot.bids, whole=len(snapshot.bids) < snapshot.limit)
        self._asks.fill(snapshot.asks, whole=len(snapshot.asks) < snapshot.limit)
        self._needed, self._spare = min(SHOWN_LEVELS, snapshot.limit), snapshot.limit // _WORN
        self._last_id, self._event_time_ms = snapshot.last_id, snapshot.event_time_ms
        waiting = sorted(self._waiting, key=lambda update: update.last_id)
        self._waiting.clear()
        self._based = True
        if self._phase is BookPhase.LIVE:
            self._phase = BookPhase.SYNCING
        for update in waiting:
            self.take(update)

    def _bridge(self, update: DepthUpdate) -> None:
        if update.last_id < self._last_id:
            return
        # The documented rule is first_id <= last_id of the snapshot. Between previous_id and
        # first_id this book did not change, and a quiet one is only caught up with there.
        if update.previous_id <= self._last_id:
            self._phase = BookPhase.LIVE
            self._apply(update)
        else:
            self._statistics.snapshots_stale += 1
            self._based = False
            self._wait_with(update)

    def _follow(self, update: DepthUpdate) -> None:
        if update.previous_id == self._last_id:
            self._apply(update)
        elif update.last_id > self._last_id or self._renumbered(update):
            self._statistics.chains_broken += 1
            self._begin_anew(BookPhase.BROKEN)
            self._wait_with(update)

    def _renumbered(self, update: DepthUpdate) -> bool:
        return update.event_time_ms > (self._event_time_ms or 0) + _RENUMBERED_MS

    def _apply(self, update: DepthUpdate) -> None:
        self._bids.change(update.bids)
        self._asks.change(update.asks)
        self._last_id, self._event_time_ms = update.last_id, update.event_time_ms
        bid, ask = self._bids.best, self._asks.best
        if bid is not None and ask is not None and bid >= ask:
            self._statistics.crossed += 1
            self._begin_anew(BookPhase.BROKEN)
        elif not self._reaches(self._needed):
            self._statistics.outgrown += 1
            self._begin_anew(BookPhase.SYNCING)
            self._wait_with(update)
        elif self._waiting or not self._reaches(self._spare):
            self._waiting.append(update)

    def _reaches(self, levels: int) -> bool:
        return self._bids.reaches(levels) and self._asks.reaches(levels)

    def _begin_anew(self, phase: BookPhase) -> None:
        self._phase, self._based = phase, False
        self._waiting.clear()
        self._bids.fill((), whole=True)
        self._asks.fill((), whole=True)

    def _wait_with(self, update: DepthUpdate) -> None:
        if self._phase is BookPhase.NONE:
            self._phase = BookPhase.SYNCING
        self._waiting.append(update)
