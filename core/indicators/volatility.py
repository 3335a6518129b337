"""How far prices move in one candle."""

import numpy as np
import talib

from core.model.candles import FloatArray


def atr(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """
    Average true range with Wilder smoothing, in price units.

    Args:
        high: Highest prices, finite, oldest first; shape ``(n,)``.
        low: Lowest prices, likewise.
        close: Closing prices, likewise.
        period: In candles, at least 1.

    Returns:
        Shape ``(n,)``; NaN for the first ``period`` candles (the first true range
        needs the close before it), then seeded with the mean of ``period`` ranges.

    Raises:
        ValueError: If ``period < 1``.

    Source:
        J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), section III.
    """
    if period < 1:
        raise ValueError(f"period must be at least 1, was {period}")
    if close.size <= period:
        return np.full(close.size, np.nan)
    return talib.ATR(high, low, close, period)
