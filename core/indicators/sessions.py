"""
UTC days within a series of candles, for sums that begin anew at each midnight.

A sum over all of a window would depend on where the window begins. A sum over the day
does not, if it is left unknown wherever the window lacks a bar of the day so far.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray, TimeArray
from core.model.intervals import Interval
from core.model.order_flow import BoolArray

_Places: TypeAlias = slice | npt.NDArray[np.intp]


def bars_per_day(interval: Interval) -> int:
    """How many bars a UTC day has."""
    return Interval.D1.duration_ms // interval.duration_ms


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """
    Where the rows of a series stand in their UTC days.

    Attributes:
        known: Whether every bar of the row's day so far is in the series; shape ``(n,)``.
        days: How many days the series touches.
        bars: How many bars a day has.
    """

    known: BoolArray
    days: int
    bars: int
    _places: _Places

    def by_day(self, values: FloatArray) -> FloatArray:
        """Return ``values`` with one row per day, shape ``(days, bars)``; absent bars are 0."""
        grid = np.zeros(self.days * self.bars)
        grid[self._places] = values
        return grid.reshape(self.days, self.bars)

    def per_candle(self, grid: FloatArray) -> FloatArray:
        """Return what `by_day` made, or a result of that shape; NaN where not `known`."""
        values: FloatArray = grid.reshape(-1)[self._places].copy()
        values[~self.known] = np.nan
        return values

    def running_sum(self, values: FloatArray) -> FloatArray:
        """
        Sum of ``values`` since midnight, the row included.

        Returns:
            Shape ``(n,)``; NaN where not `known` and from a NaN on to the end of its day.
        """
        if isinstance(self._places, slice):
            return self._running_sum_without_holes(values, self._places.start)
        grid = self.by_day(values)
        return self.per_candle(np.cumsum(grid, axis=1, out=grid))

    def _running_sum_without_holes(self, values: FloatArray, lead: int) -> FloatArray:
        """Sum whole days where they stand, then the one that is not over; no grid is filled."""
        sums = np.full(values.size, np.nan)
        first = min(-lead % self.bars, values.size)
        last = values.size - (values.size - first) % self.bars
        days = (-1, self.bars)
        whole = sums[first:last].reshape(days)
        np.add.accumulate(values[first:last].reshape(days), axis=1, out=whole)
        np.add.accumulate(values[last:], out=sums[last:])
        return sums


def sessions(open_time_ms: TimeArray, interval: Interval) -> Sessions:
    """
    Find the UTC days of a series.

    The day in which the series begins is known only if it begins with that day's first
    bar; after an absent bar nothing is known until the next midnight.

    Args:
        open_time_ms: Strictly increasing, on the grid of ``interval``; shape ``(n,)``.
        interval: Of the series.
    """
    n, bars = open_time_ms.size, bars_per_day(interval)
    if n == 0:
        return Sessions(np.zeros(0, dtype=np.bool_), 0, bars, slice(0, 0))
    duration_ms = interval.duration_ms
    if int(open_time_ms[-1] - open_time_ms[0]) == (n - 1) * duration_ms:
        lead = int(open_time_ms[0]) // duration_ms % bars
        known = np.ones(n, dtype=np.bool_)
        known[: -lead % bars] = False
        return Sessions(known, -(-(lead + n) // bars), bars, slice(lead, lead + n))
    number = open_time_ms // duration_ms
    day = number // bars
    begins = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    ordinal = np.repeat(np.arange(begins.size), np.diff(begins, append=n))
    position = number - day * bars
    known = position == np.arange(n) - begins[ordinal]
    return Sessions(known, begins.size, bars, ordinal * bars + position)
