"""Candle intervals and how they divide time."""

from enum import StrEnum

MINUTE_MS = 60_000


class Interval(StrEnum):
    """
    The timeframes of the product, named as Binance names them.

    All of them divide the UTC day, so a bar's open time is its start floored
    to the duration; weeks and months would need a calendar and are left out.
    """

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def duration_ms(self) -> int:
        """Length of one bar."""
        return _MINUTES[self.value] * MINUTE_MS

    def open_time_ms(self, at_ms: int) -> int:
        """Open time of the bar that contains ``at_ms``."""
        return at_ms - at_ms % self.duration_ms

    def close_time_ms(self, open_time_ms: int) -> int:
        """Last millisecond of the bar, as Binance sends it (``T``)."""
        return open_time_ms + self.duration_ms - 1


_MINUTES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}
