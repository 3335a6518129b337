"""The kinds of market that are told apart."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.intervals import Interval


class Regime(StrEnum):
    """UNKNOWN only before there is anything to judge by; the others in the order of the ribbon."""

    TREND_UP = "trend_up"
    TREND_DOWN = "trend_down"
    RANGE = "range"
    VOLATILE = "volatile"
    QUIET = "quiet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RegimeChange:
    """
    A market that has become another.

    Attributes:
        open_time_ms: Of the first candle in the new regime.
        known_ms: Feed time at which it was known: the close of that candle.
    """

    symbol: str
    interval: Interval
    regime: Regime
    open_time_ms: int
    known_ms: int
