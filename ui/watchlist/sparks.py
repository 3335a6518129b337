"""Mini charts and the prices of a day ago, kept from minute to minute for many symbols."""

from dataclasses import dataclass, field

import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from ui.services import CandleStore
from ui.shell.account import DAY_MS

_STEP_MINUTES = 15
_POINTS = 96
"""A day of quarters of an hour."""
_MINUTES = _POINTS * _STEP_MINUTES + 2 * _STEP_MINUTES
"""Read at once: a day, and what the minutes until the next read look back on."""
_STEPS = 100
"""Heights a point may have; more than a mini chart has pixels."""
MOST_AT_ONCE = 25
"""Symbols read in one pass: each may cost a file."""


@dataclass(frozen=True, slots=True)
class Spark:
    """
    A mini chart.

    Attributes:
        points: Closes of quarters of an hour, oldest first, from 0 at ``low`` to 100 at ``high``.
    """

    points: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class _Known:
    quarter: int
    spark: Spark
    opens: dict[int, float] = field(default_factory=dict)


class Sparks:
    """
    Read each symbol's last day once per quarter of an hour, a few symbols at a time.

    Args:
        store: Of the minutes.
    """

    def __init__(self, store: CandleStore) -> None:
        self._store = store
        self._known: dict[str, _Known] = {}

    def refresh(self, symbols: tuple[str, ...], now_ms: int) -> None:
        """Read those of which nothing is known, then those that are old."""
        quarter = now_ms // (_STEP_MINUTES * MINUTE_MS)
        stale = [s for s in symbols if s not in self._known or self._known[s].quarter != quarter]
        stale.sort(key=lambda s: self._known[s].quarter if s in self._known else -1)
        for symbol in stale[:MOST_AT_ONCE]:
            minutes = self._store.candles(symbol, Interval.M1, limit=_MINUTES)
            self._known[symbol] = _Known(quarter, spark_of(minutes), _opens(minutes, now_ms))

    def spark(self, symbol: str) -> Spark:
        """Return its mini chart; empty before it was read."""
        known = self._known.get(symbol)
        return known.spark if known is not None else Spark()

    def day_ago(self, symbol: str, now_ms: int) -> float | None:
        """Return the price 24 hours before; None where that is not known."""
        known = self._known.get(symbol)
        minute = Interval.M1.open_time_ms(now_ms) - DAY_MS
        return known.opens.get(minute) if known is not None else None


def spark_of(minutes: CandleSeries) -> Spark:
    """Fold minutes into a mini chart."""
    ends = (minutes.open_time_ms // MINUTE_MS) % _STEP_MINUTES == _STEP_MINUTES - 1
    closes = minutes.close[ends][-_POINTS:]
    if closes.size == 0:
        return Spark()
    low, high = float(closes.min()), float(closes.max())
    heights = (closes - low) / ((high - low) or 1.0) * _STEPS
    return Spark(tuple(int(value) for value in np.rint(heights)), low, high)


def _opens(minutes: CandleSeries, now_ms: int) -> dict[int, float]:
    """Return the opens that the coming quarters of an hour look back on."""
    first = Interval.M1.open_time_ms(now_ms) - DAY_MS
    seen = minutes.between(first, first + 2 * _STEP_MINUTES * MINUTE_MS)
    times, opens = seen.open_time_ms.tolist(), seen.open.tolist()
    return dict(zip(times, opens, strict=True))
