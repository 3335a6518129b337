"""Candle intervals and how they divide time."""

from enum import StrEnum
from typing import Self

MINUTE_MS = 60_000

_MINUTES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}


class Interval(StrEnum):
    """
    The timeframes of the product, named as Binance names them.

    All of them divide the UTC day, so a bar's open time is its start floored
    to the duration; weeks and months would need a calendar and are left out.

    Attributes:
        duration_ms: Length of one bar.
    """

    duration_ms: int

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    def __new__(cls, name: str) -> Self:
        """Name an interval; its length is reckoned once, as each bar asks for it many times."""
        interval = str.__new__(cls, name)
        interval._value_ = name
        interval.duration_ms = _MINUTES[name] * MINUTE_MS
        return interval

    def open_time_ms(self, at_ms: int) -> int:
        """Open time of the bar that contains ``at_ms``."""
        return at_ms - at_ms % self.duration_ms

    def close_time_ms(self, open_time_ms: int) -> int:
        """Last millisecond of the bar, as Binance sends it (``T``)."""
        return open_time_ms + self.duration_ms - 1
