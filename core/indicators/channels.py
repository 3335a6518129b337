"""Bands around price: by its deviation, by its extremes, by its range."""

import numpy as np

from core.indicators.averages import ema, require_period, rolling_moments
from core.indicators.volatility import atr
from core.model.candles import FloatArray


def rolling_max(values: FloatArray, period: int) -> FloatArray:
    """
    Largest of each window, its newest value included.

    TA-Lib's MAX gives the same of finite numbers; here a NaN makes its own windows NaN, where
    TA-Lib's would be wrong in some of them.

    Args:
        values: Oldest first; shape ``(n,)``.
        period: In candles, at least 1.

    Returns:
        Shape ``(n,)``; NaN for the first ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    return _rolling_extreme(np.maximum, values, period)


def rolling_min(values: FloatArray, period: int) -> FloatArray:
    """Smallest of each window; otherwise as `rolling_max`."""
    return _rolling_extreme(np.minimum, values, period)


def bollinger(
    close: FloatArray, period: int = 20, deviations: float = 2.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Bollinger Bands: the plain mean, and population standard deviations around it.

    Args:
        close: Closing prices, finite, oldest first; shape ``(n,)``.
        period: In candles, at least 1.
        deviations: Distance of the bands, in standard deviations.

    Returns:
        Upper band, basis and lower band, each of shape ``(n,)``; NaN for the first
        ``period - 1`` candles. All three are the price where it stood still.

    Raises:
        ValueError: If ``period < 1``.

    Source:
        J. Bollinger, *Bollinger on Bollinger Bands* (2001).
    """
    basis, deviation = rolling_moments(close, period)
    reach = deviations * deviation
    return basis + reach, basis, basis - reach


def donchian(
    high: FloatArray, low: FloatArray, period: int = 20
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Donchian channel: highest high and lowest low of ``period`` candles, the latest included.

    As on TradingView and in TA-Lib. Stock.Indicators leaves the latest candle out: its
    channel is this one, one candle later.

    Returns:
        Upper band, middle and lower band, each of shape ``(n,)``; NaN for the first
        ``period - 1`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    upper, lower = rolling_max(high, period), rolling_min(low, period)
    return upper, (upper + lower) / 2.0, lower


def keltner(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    period: int = 20,
    multiplier: float = 2.0,
    atr_period: int = 10,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Keltner channel in its modern form: an EMA of the close, and average true ranges around it.

    Returns:
        Upper band, middle and lower band, each of shape ``(n,)``; the middle is NaN for the
        first ``period - 1`` candles, the bands also for the first ``atr_period``.

    Raises:
        ValueError: If a period is below 1.

    Source:
        L. Bradford Raschke's version of C. Keltner's ten-day rule; as in Stock.Indicators.
    """
    middle = ema(close, period)
    reach = multiplier * atr(high, low, close, atr_period)
    return middle + reach, middle, middle - reach


def _rolling_extreme(pick: np.ufunc, values: FloatArray, period: int) -> FloatArray:
    """Join stretches of 1, 2, 4, … values; two that overlap make up the window."""
    require_period(period)
    extremes = np.full(values.size, np.nan)
    if values.size < period:
        return extremes
    stretch, length = values, 1
    while 2 * length <= period:
        stretch = pick(stretch[:-length], stretch[length:])
        length *= 2
    windows = extremes[period - 1 :]
    later = period - length
    pick(stretch[: windows.size], stretch[later : later + windows.size], out=windows)
    return extremes
