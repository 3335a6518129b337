"""What time it is at the exchange, from what the exchange says and from nothing else. Pure."""

from msgspec.structs import replace

from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

# Further ahead than this, or behind, one frame alone proves nothing: it may be damaged. At the
# fastest a simulator goes, frames are three quarters of an hour apart.
LEAP_MS = Interval.H1.duration_ms
# So many events in a row must be from long before the newest time for that to have been wrong.
_WITNESSES = 20


class MarketTime:
    """
    The newest event time that can be believed.

    One event that leaps ahead is believed only once the next one says so too: a single damaged
    frame would otherwise put all candles of the coming hours in doubt. Once candles have told the
    time nothing else may leap: their bars vouch for it, only the exchange's clock for the others.
    So an exchange whose clock is a day off, but which sends the right candles, is followed.
    """

    def __init__(self) -> None:
        self._newest_ms: int | None = None
        self._claimed_ms: int | None = None
        self._behind = 0
        self._by_candles = False
        self._outvoting_ms: int | None = None
        self._off_ms: int | None = None  # how far the clock was off the newest candle

    @property
    def newest_ms(self) -> int | None:
        """Newest event time; None before the first."""
        return self._newest_ms

    def connected(self) -> None:
        """Believe the next event, unless it leaps: then the one after it has to agree."""
        self._claimed_ms = self._outvoting_ms = None
        self._behind = 0

    def near(self, event_time_ms: int) -> bool:
        """Whether an event that has no say about the time may be from now."""
        known_ms = self._newest_ms
        return known_ms is None or abs(event_time_ms - known_ms) <= LEAP_MS

    def told(self, event_time_ms: int) -> bool:
        """Take note of an event, and return whether its time can be believed."""
        if not self._by_candles:
            return self._weighed(event_time_ms)
        if not self.near(event_time_ms):
            return False
        self._newest_ms = max(self._newest_ms or 0, event_time_ms)
        return True

    def told_by_candle(self, update: CandleUpdate) -> CandleUpdate | None:
        """
        Take note of a 1m candle, and return it rightly dated; None if it cannot be believed.

        Where event time and bar contradict each other one of them is damaged, unless the next
        candle says the same: then the clock is wrong and the bar counts.
        """
        open_ms, told_ms = update.candle.open_time_ms, update.event_time_ms
        known_ms, off_ms = self._newest_ms, told_ms - open_ms
        if (
            self._by_candles
            and known_ms is not None
            and known_ms <= told_ms <= known_ms + LEAP_MS
            and -MINUTE_MS <= off_ms <= MINUTE_MS + LEAP_MS
        ):
            # Nearly every frame: the same as below, without a call.
            self._newest_ms, self._behind = told_ms, 0
            self._off_ms = self._claimed_ms = None
            return update
        if -MINUTE_MS <= off_ms <= MINUTE_MS + LEAP_MS:
            self._off_ms = None
        else:
            before_ms, self._off_ms = self._off_ms, off_ms
            if not _agree(before_ms, off_ms):
                return None
            told_ms = open_ms + MINUTE_MS if update.closed else open_ms
            update = replace(update, event_time_ms=told_ms)
        if self._by_candles or self.near(told_ms):
            believed = self._weighed(told_ms)
        else:  # the clock alone says otherwise: two candles that agree outweigh it
            believed = _agree(self._outvoting_ms, told_ms)
            self._outvoting_ms = told_ms
            if believed:
                self._newest_ms, self._claimed_ms = told_ms, None
        self._by_candles |= believed
        return update if believed else None

    def _weighed(self, event_time_ms: int) -> bool:
        known_ms = self._newest_ms
        if known_ms is not None and known_ms <= event_time_ms <= known_ms + LEAP_MS:
            self._newest_ms, self._claimed_ms, self._behind = event_time_ms, None, 0
            return True
        if known_ms is None or self._outvoted(event_time_ms, known_ms):
            self._newest_ms = event_time_ms
            return True
        if event_time_ms <= known_ms + LEAP_MS:
            self._claimed_ms = None
        elif not _agree(self._claimed_ms, event_time_ms):
            self._claimed_ms = event_time_ms
            return False
        self._newest_ms = max(known_ms, event_time_ms)
        return True

    def _outvoted(self, event_time_ms: int, known_ms: int) -> bool:
        self._behind = self._behind + 1 if event_time_ms < known_ms - LEAP_MS else 0
        return self._behind >= _WITNESSES


def _agree(before_ms: int | None, now_ms: int) -> bool:
    return before_ms is not None and abs(now_ms - before_ms) <= LEAP_MS
