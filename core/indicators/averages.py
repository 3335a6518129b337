"""Moving averages and what is measured against them."""

import numpy as np
import talib

from core.model.candles import FloatArray


def ema(values: FloatArray, period: int) -> FloatArray:
    """
    Exponential moving average with the smoothing factor ``2 / (period + 1)``.

    Args:
        values: Finite numbers, oldest first; shape ``(n,)``.
        period: In candles, at least 1.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles, then seeded with
        the plain mean of the first ``period`` values.

    Raises:
        ValueError: If ``period < 1``.
    """
    _require_period(period)
    if values.size < period:
        return np.full(values.size, np.nan)
    if period == 1:
        return values.copy()
    return talib.EMA(values, period)


def rolling_mean(values: FloatArray, period: int) -> FloatArray:
    """
    Mean of each window, summed anew each time: an old spike leaves no rounding behind.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    _require_period(period)
    means = np.full(values.size, np.nan)
    if values.size >= period:
        windows = np.lib.stride_tricks.sliding_window_view(values, period)
        means[period - 1 :] = windows.mean(axis=1)
    return means


def relative_volume(volume: FloatArray, period: int = 20) -> FloatArray:
    """
    Volume in units of the mean of the ``period`` candles before it.

    The candle itself is left out of the mean, so that a spike does not dilute itself.

    Returns:
        Shape ``(n,)``; NaN for the first ``period`` candles and where nothing was
        traded in the window.

    Raises:
        ValueError: If ``period < 1``.
    """
    before = np.full(volume.size, np.nan)
    before[1:] = rolling_mean(volume, period)[:-1]
    ratio = np.full(volume.size, np.nan)
    np.divide(volume, before, out=ratio, where=before > 0.0)
    return ratio


def _require_period(period: int) -> None:
    if period < 1:
        raise ValueError(f"period must be at least 1, was {period}")
