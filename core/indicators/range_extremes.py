"""
The extreme of any stretch of an array, and the first row that passes a level, for many at once.

One table serves all questions: its row ``k`` holds the maximum of each window of ``2 ** k``
values. A stretch is two overlapping windows; the first passage is found by stepping over
windows that do not pass, halving them each time. So ``m`` questions cost
``(n + m) * log2(longest)`` array operations and no loop over candles.
"""

from itertools import pairwise

import numpy as np

from core.indicators.swings import RowArray
from core.model.candles import FloatArray

NEVER = -1
"""In rows of first passages: not within the horizon, or not yet."""


def table_shape(n: int, longest: int) -> tuple[int, int]:
    """Levels, and rows: a search may step beyond the array by the sum of all windows."""
    levels = longest.bit_length()
    return levels, n + 2**levels


class RangeMaxima:
    """
    Maxima of stretches of one array; NaN counts as nothing.

    Args:
        values: Oldest first; shape ``(n,)``.
        longest: Longest stretch and horizon that will be asked for, at least 1.

    Raises:
        ValueError: If ``longest < 1``.
    """

    def __init__(self, values: FloatArray, longest: int) -> None:
        if longest < 1:
            raise ValueError(f"longest must be at least 1, was {longest}")
        n = values.size
        table = np.empty(table_shape(n, longest))
        table[:, n:] = -np.inf
        np.fmax(values, -np.inf, out=table[0, :n])
        half = 1
        for below, level in pairwise(table):
            np.maximum(below[:n], below[half : n + half], out=level[:n])
            half *= 2
        self._table = table
        self._longest = longest

    def over(self, first: RowArray, stop: RowArray) -> FloatArray:
        """
        Maximum of each stretch ``[first, stop)`` inside the array; -inf where it holds nothing.

        Raises:
            ValueError: If a stretch is longer than the table was built for.
        """
        length = stop - first
        if length.size and int(length.max()) > self._longest:
            raise ValueError(f"a stretch of {length.max()} rows, built for {self._longest}")
        level = np.maximum(np.frexp(length)[1] - 1, 0)
        widest = np.maximum(self._table[level, first], self._table[level, stop - (1 << level)])
        return np.where(length > 0, widest, -np.inf)

    def first_above(self, start: RowArray, level: FloatArray, horizon: int | RowArray) -> RowArray:
        """
        First row in ``[start, start + horizon)`` whose value is above ``level``, else `NEVER`.

        A row that is found stays the same however many values follow.

        Args:
            start: Rows to begin at, at least 0; they may lie beyond the array.
            level: One per start; a NaN is never passed.
            horizon: In rows, one for all or one per start.

        Raises:
            ValueError: If a horizon is longer than the table was built for.
        """
        farthest = int(np.maximum.reduce(horizon, axis=None, initial=0))
        if farthest > self._longest:
            raise ValueError(f"a horizon of {farthest} rows, built for {self._longest}")
        beyond = self._table.shape[1] - (1 << len(self._table))
        row = np.minimum(start, beyond)
        # Windows up to half the horizon's next power of two add up to it.
        step = 1 << farthest.bit_length()
        for widest in self._table[farthest.bit_length() - 1 :: -1] if farthest > 0 else ():
            step >>= 1
            row += (widest.take(row) <= level) * step
        passed = (self._table[0].take(row) > level) & (row < start + horizon)
        return np.where(passed, row, NEVER)
