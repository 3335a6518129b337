"""What time it is at the exchange, from what the exchange says and from nothing else. Pure."""

from core.model.intervals import Interval

# A frame from so far ahead is damaged; across a connect, time may have moved on by days.
LEAP_MS = Interval.D1.duration_ms


class MarketTime:
    """The newest event time that can be believed."""

    def __init__(self) -> None:
        self._newest_ms: int | None = None
        self._fresh = True

    @property
    def newest_ms(self) -> int | None:
        """Newest event time; None before the first."""
        return self._newest_ms

    def connected(self) -> None:
        """Believe the next event, however far ahead it is."""
        self._fresh = True

    def told(self, event_time_ms: int) -> bool:
        """Take note of an event, and return whether its time can be believed."""
        known_ms = self._newest_ms
        if known_ms is not None and not self._fresh and event_time_ms > known_ms + LEAP_MS:
            return False
        self._fresh = False
        self._newest_ms = max(known_ms or 0, event_time_ms)
        return True
