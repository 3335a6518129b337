"""Sums, means and deviations over a moving window, and what is measured against them."""

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
    require_period(period)
    if values.size < period:
        return np.full(values.size, np.nan)
    if period == 1:
        return values.copy()
    return talib.EMA(values, period)


def wilder_mean(values: FloatArray, period: int) -> FloatArray:
    """
    Wilder's running mean: an exponential average with the smoothing factor ``1 / period``.

    Args:
        values: Finite numbers, oldest first; shape ``(n,)``.
        period: In candles, at least 1.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles, then seeded with
        the plain mean of the first ``period`` values.

    Raises:
        ValueError: If ``period < 1``.
    """
    require_period(period)
    if values.size < period:
        return np.full(values.size, np.nan)
    return talib.RMA(values, period)


def rolling_sum(values: FloatArray, period: int) -> FloatArray:
    """
    Sum of each window, added anew each time: an old spike leaves no rounding behind.

    The window is put together from stretches of 1, 2, 4, … values, in an order that depends
    on ``period`` alone: equal windows have equal sums, to the bit.

    Args:
        values: Oldest first; shape ``(..., n)``.
        period: In candles, at least 1.

    Returns:
        Shape ``(..., n)``; NaN for the first ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    require_period(period)
    sums = np.empty(values.shape)
    sums[..., : period - 1] = np.nan
    if values.shape[-1] < period:
        return sums
    windows = sums[..., period - 1 :]
    count = windows.shape[-1]
    stretch, length, added = values, 1, 0
    while True:
        if period & length:
            part = stretch[..., added : added + count]
            np.add(windows if added else 0.0, part, out=windows)
            added += length
        if 2 * length > period:
            return sums
        stretch = stretch[..., :-length] + stretch[..., length:]
        length *= 2


def rolling_mean(values: FloatArray, period: int) -> FloatArray:
    """
    Mean of each window, from `rolling_sum`.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    return rolling_sum(values, period) / period


def rolling_moments(values: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """
    Mean and population standard deviation of each window.

    Both are taken of the distances to the newest value of the window, so no digits are lost
    where the deviation is tiny beside the values (0.001 at a price of a million keeps
    twelve), and a window of equal values has that mean and no deviation, exactly.

    Returns:
        Mean and deviation, each of shape ``(n,)``; NaN for the first ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    require_period(period)
    mean, deviation = np.full(values.size, np.nan), np.full(values.size, np.nan)
    if values.size < period:
        return mean, deviation
    newest = values[period - 1 :]
    total, squares, distance = np.zeros((3, newest.size))
    for back in range(1, period):
        np.subtract(values[period - 1 - back : values.size - back], newest, out=distance)
        total += distance
        distance *= distance
        squares += distance
    total /= period
    # The newest value is itself in the window: its squared distance from the mean is at most
    # `period` variances, and rounding is enlarged by no more than that.
    variance = np.maximum(squares / period - total * total, 0.0)
    mean[period - 1 :] = newest + total
    deviation[period - 1 :] = np.sqrt(variance)
    return mean, deviation


def rolling_std(values: FloatArray, period: int) -> FloatArray:
    """
    Population standard deviation of each window, from `rolling_moments`.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles, exactly 0 where all are equal.

    Raises:
        ValueError: If ``period < 1``.
    """
    return rolling_moments(values, period)[1]


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


def require_period(period: int, least: int = 1) -> None:
    """Raise `ValueError` where a window would be shorter than ``least`` candles."""
    if period < least:
        raise ValueError(f"period must be at least {least}, was {period}")
