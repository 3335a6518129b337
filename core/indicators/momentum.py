"""How fast price has been moving, and which way."""

import numpy as np

from core.indicators.averages import ema, require_period, wilder_mean
from core.model.candles import FloatArray

# Of a market that has not moved at all: neither gains nor losses prevail. TradingView has 100
# there and TA-Lib 0; both would be read as an extreme.
_RSI_OF_STILLNESS = 50.0


def rsi(close: FloatArray, period: int = 14) -> FloatArray:
    """
    Relative Strength Index with Wilder smoothing.

    Args:
        close: Closing prices, finite, oldest first; shape ``(n,)``.
        period: In candles, at least 1.

    Returns:
        In [0, 100], shape ``(n,)``; NaN for the first ``period`` candles. 100 where there was
        no loss, 0 where there was no gain, 50 where there was neither.

    Raises:
        ValueError: If ``period < 1``.

    Source:
        J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), section VI.
    """
    require_period(period)
    strength = np.full(close.size, np.nan)
    if close.size <= period:
        return strength
    change = np.diff(close)
    gain = wilder_mean(np.maximum(change, 0.0), period)[period - 1 :]
    loss = wilder_mean(np.maximum(-change, 0.0), period)[period - 1 :]
    moved = gain + loss
    still = moved == 0.0
    strength[period:] = 100.0 * (gain / (moved + still)) + _RSI_OF_STILLNESS * still
    return strength


def macd(
    close: FloatArray, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Moving average convergence and divergence, in price units.

    Each average is seeded with the plain mean of its own first candles, as in
    Stock.Indicators and on TradingView. TA-Lib seeds the fast one later: with the defaults its
    line is up to 2 % off at the start and the same to rounding after 200 candles.

    Args:
        close: Closing prices, finite, oldest first; shape ``(n,)``.
        fast: Period of the faster average, in candles, at least 1.
        slow: Of the slower one, more than ``fast``.
        signal: Of the average of their difference, at least 1.

    Returns:
        Line, signal and histogram (line minus signal), each of shape ``(n,)``. The line is
        NaN for the first ``slow - 1`` candles, the others for ``slow + signal - 2``.

    Raises:
        ValueError: If a period is below 1 or ``fast`` is not below ``slow``.

    Source:
        G. Appel, *The Moving Average Convergence-Divergence Trading Method* (1979).
    """
    if not fast < slow:
        raise ValueError(f"fast must be below slow, were {fast} and {slow}")
    line = ema(close, fast) - ema(close, slow)
    average = np.full(close.size, np.nan)
    average[slow - 1 :] = ema(line[slow - 1 :], signal)
    return line, average, line - average
