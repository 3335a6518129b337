"""The order in which the 1m candles of one symbol are announced. Pure."""

from collections import deque

from msgspec.structs import replace

from core.model.candles import Candle, CandleUpdate
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval

# A closed candle that has not come so long after its minute, by the exchange's own clock, will
# not come (usually it takes a third of a second, PROTOCOLS A4). Half of the 3 s that a signal may
# wait for its confirmation (DESIGN 7), so that REST has the other half.
CLOSE_GRACE_MS = 1_500
# Closed candles kept back while an earlier one is missing.
_MOST_HELD = 3_000
# How many announced candles a repeated one is compared with.
_REMEMBERED = 16
# The first candle of all sets the beginning, so its times must at least agree with each other.
_LATEST_FIRST_MS = Interval.H1.duration_ms


class BarSequence:
    """
    Lets closed candles through one after the other without a hole, each once.

    Running candles pass at once unless something newer is known already. The first closed
    candle it sees sets the beginning.
    """

    def __init__(self) -> None:
        self._last_ms: int | None = None
        self._held: dict[int, CandleUpdate] = {}
        self._running: tuple[int, int] = (-1, -1)
        self._told: deque[Candle] = deque(maxlen=_REMEMBERED)

    @property
    def last_ms(self) -> int | None:
        """Open time of the newest closed candle let through."""
        return self._last_ms

    @property
    def ahead(self) -> bool:
        """Whether a later bar was told than the one that is next; cheap."""
        if self._last_ms is None:
            return False
        return bool(self._held) or self._running[0] > self._last_ms + MINUTE_MS

    def passed(self, open_time_ms: int) -> bool:
        """Whether what closes this bar comes too late to be announced."""
        return self._last_ms is not None and open_time_ms <= self._last_ms

    def begin_after(self, open_time_ms: int) -> None:
        """Take everything up to this bar as known, unless it has begun already."""
        if self._last_ms is None:
            self._last_ms = open_time_ms
            self._held = {at: held for at, held in self._held.items() if at > open_time_ms}

    def offer(self, update: CandleUpdate) -> tuple[CandleUpdate, ...]:
        """Take an update, and return what may be announced now."""
        open_ms = update.candle.open_time_ms
        if not update.closed:
            newest = (open_ms, update.event_time_ms)
            if newest < self._running or (self._last_ms is not None and open_ms <= self._last_ms):
                return ()
            self._running = newest
            return (update,)
        if update.from_rest or abs(update.event_time_ms - open_ms) <= _LATEST_FIRST_MS:
            self.begin_after(open_ms - MINUTE_MS)
        if not self.passed(open_ms):
            self._held[open_ms] = update
            if len(self._held) > _MOST_HELD:
                del self._held[max(self._held)]
        return self._released(update.event_time_ms, update)

    def contradicts(self, update: CandleUpdate) -> bool:
        """Whether a closed candle differs from the one that was announced for its bar."""
        times = {candle.open_time_ms for candle in self._told}
        return update.candle.open_time_ms in times and update.candle not in self._told

    def settle(self, candle: Candle) -> None:
        """Take note of what REST says of a bar, so that neither version is doubted again."""
        self._told.append(candle)

    def disbelieve(self, after_ms: int) -> None:
        """Forget what was told of bars that open later: the exchange does not know them."""
        self._held = {at: held for at, held in self._held.items() if at <= after_ms}
        if self._running[0] > after_ms:
            self._running = (-1, -1)

    def hole(self, market_ms: int) -> Gap | None:
        """Return the closed bars that are overdue at a market time; None when none are."""
        if self._last_ms is None:
            return None
        minute = Interval.M1
        due_ms = minute.open_time_ms(market_ms - CLOSE_GRACE_MS) - MINUTE_MS
        # A later bar proves that the ones before it are over.
        due_ms = max(due_ms, max(self._held, default=0) - MINUTE_MS, self._running[0] - MINUTE_MS)
        first_ms = self._last_ms + MINUTE_MS
        return Gap(first_ms, due_ms) if due_ms >= first_ms else None

    def pass_over(self, gap: Gap, market_ms: int) -> tuple[CandleUpdate, ...]:
        """
        Give up on bars the exchange does not have, up to the first that is there after all.

        Returns:
            What may be announced now, that one first.
        """
        if self._last_ms is not None:
            first_held_ms = min(self._held, default=gap.end_ms + MINUTE_MS)
            self._last_ms = max(self._last_ms, min(gap.end_ms, first_held_ms - MINUTE_MS))
        return self._released(market_ms)

    def _released(
        self, told_ms: int, fresh: CandleUpdate | None = None
    ) -> tuple[CandleUpdate, ...]:
        released = []
        while self._last_ms is not None:
            update = self._held.pop(self._last_ms + MINUTE_MS, None)
            if update is None:
                break
            self._last_ms += MINUTE_MS
            self._told.append(update.candle)
            if update is not fresh:  # nobody may take it for one that has closed just now
                turn_ms = max(told_ms, update.event_time_ms)
                update = replace(update, event_time_ms=turn_ms, held=True)
            released.append(update)
        return tuple(released)
