"""Candles without a hole between them."""

import numpy as np

from core.indicators.swings import RowArray
from core.model.candles import CandleSeries


def stretches(candles: CandleSeries) -> RowArray:
    """
    Number the gapless stretches of a series; two rows of equal number have no hole between them.

    The numbers themselves mean nothing: they depend on where the series begins.

    Returns:
        Shape ``(n,)``, never falling.
    """
    number = np.zeros(len(candles), dtype=np.intp)
    step = np.diff(candles.open_time_ms)
    np.cumsum(step != candles.interval.duration_ms, out=number[1:])
    return number
