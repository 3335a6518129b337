"""
The first later row at which a value passes a level, for many levels at once.

For several questions to one array build `core.indicators.range_extremes` once instead.
"""

from core.indicators.range_extremes import RangeMaxima
from core.indicators.swings import RowArray
from core.model.candles import FloatArray


def first_above(
    values: FloatArray, start_rows: RowArray, levels: FloatArray, horizon: int
) -> RowArray:
    """
    First row in ``[start, start + horizon)`` with a value above its level, else -1.

    It is also -1 while that row lies beyond the end of ``values``; a row that is found
    stays the same however many values follow. NaN neither passes nor is passed.

    Raises:
        ValueError: If ``horizon < 1``.
    """
    return RangeMaxima(values, horizon).first_above(start_rows, levels, horizon)
