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
    open_ms, duration_ms = candles.open_time_ms, candles.interval.duration_ms
    number = np.zeros(open_ms.size, dtype=np.intp)
    # Each is a bar's start and later than the one before: what spans no more room lacks none.
    if open_ms.size and int(open_ms[-1] - open_ms[0]) != (open_ms.size - 1) * duration_ms:
        np.add.accumulate(open_ms[1:] - open_ms[:-1] != duration_ms, out=number[1:])
    return number
