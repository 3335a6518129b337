"""How fast price has been moving, and which way."""

import numpy as np

from core.indicators.averages import ema, wilder_mean
from core.model.candles import FloatArray

# Of a market that has not moved at all: neither gains nor losses prevail. TradingView has 100
# there and TA-Lib 0; both would be read as an extreme.
_RSI_OF_STILLNESS = 50.0


def gains_and_losses(close: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far each close is above, and how far below, the one before it; 0 for the first."""
    gains, losses = np.zeros((2, close.size))
    change = close[1:] - close[:-1]
    np.maximum(change, 0.0, out=gains[1:])
    np.maximum(np.negative(change, out=change), 0.0, out=losses[1:])
    return gains, losses


def mean_of_changes(changes: FloatArray, period: int) -> FloatArray:
    """
    Wilder's mean of changes, the first of which is none.

    Returns:
        Shape ``(n,)``; NaN for the first ``period`` candles.

    Raises:
        ValueError: If ``period < 1``.
    """
    means = np.full(changes.size, np.nan)
    means[1:] = wilder_mean(changes[1:], period)
    return means


def strength_of(gain: FloatArray, loss: FloatArray) -> FloatArray:
    """
    Relative Strength Index: mean gains as a share of mean gains and losses.

    Args:
        gain: `mean_of_changes` of the gains.
        loss: Likewise, of the losses.

    Returns:
        0 to 100, 50 where nothing has moved; NaN where they are.

    Source:
        J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), section VI.
    """
    moved = gain + loss
    still = moved == 0.0
    strength: FloatArray = 100.0 * (gain / (moved + still)) + _RSI_OF_STILLNESS * still
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
