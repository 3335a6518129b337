"""Extremes of stretches of candles, prepared once for all who ask the same candles."""

import numpy as np
import numpy.typing as npt

from core.indicators.range_extremes import NEVER, RangeMaxima
from core.indicators.swings import RowArray
from core.model.candles import CandleSeries, FloatArray

_BoolArray = npt.NDArray[np.bool_]

# Places of the columns in the table: what is looked for above, and right behind it the same
# upside down.
_TRADED, _CLOSED = 0, 2


class CandleRanges:
    """
    What traded highest and lowest, and what closed highest and lowest.

    Highs, lows, closes and closes again lie end to end in one table, those that are searched
    downwards with their sign changed: whoever asks upwards and downwards at once pays for one
    search, and where there are few candles it is the number of searches that costs.

    Args:
        candles: Oldest first.
        longest: Longest stretch and horizon that will be asked for, at least 1.

    Raises:
        ValueError: If ``longest < 1``.
    """

    def __init__(self, candles: CandleSeries, longest: int) -> None:
        n = len(candles)
        laid = np.empty((4, n))
        laid[_TRADED] = candles.high
        np.negative(candles.low, out=laid[_TRADED + 1])
        laid[_CLOSED] = candles.close
        np.negative(candles.close, out=laid[_CLOSED + 1])
        self._n = n
        self._maxima = RangeMaxima(laid.reshape(-1), longest)

    def extremes(self, above: _BoolArray, first: RowArray, stop: RowArray) -> FloatArray:
        """
        Return the highest high of each stretch ``[first, stop)``, or the lowest low.

        Args:
            above: Which of the two, one per stretch.
            first: Rows inside the series.
            stop: Likewise, exclusive.

        Raises:
            ValueError: If a stretch is longer than was prepared for.
        """
        base = self._base(_TRADED, above)
        most = self._maxima.over(base + first, base + stop)
        return np.where(above, most, -most)

    def first_traded(
        self, above: _BoolArray, start: RowArray, level: FloatArray, horizon: int | RowArray
    ) -> RowArray:
        """
        First row in ``[start, start + horizon)`` that traded at a level or beyond, else `NEVER`.

        Args:
            above: Whether beyond is above, one per level.
            start: Rows to begin at, at most the number of candles.
            level: Prices.
            horizon: In rows, one for all or one per start.

        Raises:
            ValueError: If a horizon is longer than was prepared for.
        """
        just_short = np.nextafter(_signed(above, level), -np.inf)
        return self._first(self._base(_TRADED, above), start, just_short, horizon)

    def first_closed(
        self, above: _BoolArray, start: RowArray, level: FloatArray, horizon: int | RowArray
    ) -> RowArray:
        """First row that closed beyond a level, not at it; otherwise as `first_traded`."""
        return self._first(self._base(_CLOSED, above), start, _signed(above, level), horizon)

    def _base(self, column: int, above: _BoolArray) -> RowArray:
        """Where the column that is searched begins."""
        return np.where(above, column * self._n, (column + 1) * self._n)

    def _first(
        self, base: RowArray, start: RowArray, signed: FloatArray, horizon: int | RowArray
    ) -> RowArray:
        # No search may run into the column behind its own.
        within = np.minimum(horizon, self._n - start)
        row = self._maxima.first_above(base + start, signed, within)
        return np.where(row == NEVER, NEVER, row - base)


def _signed(above: _BoolArray, level: FloatArray) -> FloatArray:
    return np.where(above, level, -level)
