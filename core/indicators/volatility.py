"""How far prices move in one candle."""

import numpy as np
import talib

from core.indicators.averages import require_period
from core.model.candles import FloatArray


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """
    Height of each candle, the gap to the close before it included.

    Returns:
        In price units, shape ``(n,)``; NaN for the first candle.

    Source:
        J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), section III.
    """
    if close.size == 0:
        return np.empty(0)
    height = np.empty(close.size)
    height[0] = np.nan
    np.maximum(high[1:], close[:-1], out=height[1:])
    height[1:] -= np.minimum(low[1:], close[:-1])
    return height


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
    require_period(period)
    if close.size <= period:
        return np.full(close.size, np.nan)
    return talib.ATR(high, low, close, period)
