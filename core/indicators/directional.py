"""Whether price goes somewhere: Wilder's directional movement and Kaufman's efficiency."""

import numpy as np
import talib

from core.indicators.averages import require_period, rolling_sum
from core.model.candles import FloatArray

# Of TA-Lib's ADX.
_SHORTEST_PERIOD = 2
# Added to the way it changes nothing but 0: prices differ by more, or not at all.
_NO_WAY = float(np.finfo(np.float64).tiny)


def adx(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """
    Average directional index: strength of a trend without its direction.

    TA-Lib seeds the movements with one value less than Stock.Indicators and TradingView do:
    on the published quotes its ADX(14) is 0.8 points off at first, less than 1e-4 from candle
    200 on and the same to rounding from candle 450 on.

    Args:
        high: Highest prices, finite, oldest first; shape ``(n,)``.
        low: Lowest prices, likewise.
        close: Closing prices, likewise.
        period: In candles, at least 2.

    Returns:
        In [0, 100], shape ``(n,)``; NaN for the first ``2 * period - 1`` candles. 0 where price
        never moved; where it stopped moving, the last value stands.

    Raises:
        ValueError: If ``period < 2``.

    Source:
        J. W. Wilder, *New Concepts in Technical Trading Systems* (1978), section IV.
    """
    require_period(period, _SHORTEST_PERIOD)
    return talib.ADX(high, low, close, period)


def directional_indicators(
    high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14
) -> tuple[FloatArray, FloatArray]:
    """
    Share of the true range by which price made new ground upwards, and downwards.

    Returns:
        +DI and -DI in [0, 100], each of shape ``(n,)``; NaN for the first ``period`` candles.
        Otherwise as `adx`, their seed included: up to 0.6 points off at first.

    Raises:
        ValueError: If ``period < 2``.
    """
    require_period(period, _SHORTEST_PERIOD)
    return talib.PLUS_DI(high, low, close, period), talib.MINUS_DI(high, low, close, period)


def signed_efficiency(close: FloatArray, period: int = 10) -> FloatArray:
    """
    Net change over ``period`` candles as a fraction of the way that price went for it.

    A function of ``period + 1`` closes and nothing else, to the bit.

    Returns:
        In [-1, 1], shape ``(n,)``; NaN for the first ``period`` candles, 0 where price
        stood still.

    Raises:
        ValueError: If ``period < 1``.
    """
    require_period(period)
    efficiency = np.full(close.size, np.nan)
    if close.size <= period:
        return efficiency
    share = np.subtract(close[period:], close[:-period], out=efficiency[period:])
    steps = close[1:] - close[:-1]
    way = rolling_sum(np.abs(steps, out=steps), period)[period - 1 :]
    # Without a way there is no change: 0. Rounding may add a digit to a straight line.
    way += _NO_WAY
    share /= way
    np.clip(share, -1.0, 1.0, out=share)
    return efficiency


def efficiency_ratio(close: FloatArray, period: int = 10) -> FloatArray:
    """
    Kaufman's efficiency ratio: 1 for a straight line, near 0 for noise.

    Returns:
        In [0, 1], shape ``(n,)``; otherwise as `signed_efficiency`.

    Source:
        P. J. Kaufman, *Smarter Trading* (1995).
    """
    return np.abs(signed_efficiency(close, period))
