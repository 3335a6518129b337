"""What time it is at the exchange, from what the exchange says and from nothing else. Pure."""

from core.model.intervals import Interval

# Further ahead than this, or behind, one frame alone proves nothing: it may be damaged. At the
# fastest a simulator goes, frames are three quarters of an hour apart.
LEAP_MS = Interval.H1.duration_ms
# So many events in a row must be from long before the newest time for that to have been wrong.
_WITNESSES = 20


class MarketTime:
    """
    The newest event time that can be believed.

    One event that leaps ahead is believed only once the next one says so too: a single damaged
    frame would otherwise put all candles of the coming hours in doubt.
    """

    def __init__(self) -> None:
        self._newest_ms: int | None = None
        self._claimed_ms: int | None = None
        self._behind = 0

    @property
    def newest_ms(self) -> int | None:
        """Newest event time; None before the first."""
        return self._newest_ms

    def connected(self) -> None:
        """Believe the next event, unless it leaps: then the one after it has to agree."""
        self._claimed_ms, self._behind = None, 0

    def told(self, event_time_ms: int) -> bool:
        """Take note of an event, and return whether its time can be believed."""
        known_ms = self._newest_ms
        if known_ms is None or self._outvoted(event_time_ms, known_ms):
            self._newest_ms = event_time_ms
            return True
        if event_time_ms <= known_ms + LEAP_MS:
            self._claimed_ms = None
        elif not self._agrees(event_time_ms):
            self._claimed_ms = event_time_ms
            return False
        self._newest_ms = max(known_ms, event_time_ms)
        return True

    def _agrees(self, event_time_ms: int) -> bool:
        claimed_ms = self._claimed_ms
        return claimed_ms is not None and abs(event_time_ms - claimed_ms) <= LEAP_MS

    def _outvoted(self, event_time_ms: int, known_ms: int) -> bool:
        self._behind = self._behind + 1 if event_time_ms < known_ms - LEAP_MS else 0
        return self._behind >= _WITNESSES
