"""Supertrend: a trailing band that changes sides when price closes through it."""

import numpy as np
import numpy.typing as npt
import talib

from core.model.candles import FloatArray

# Of TA-Lib's SUPERTREND.
_SHORTEST_PERIOD = 2

DirectionArray = npt.NDArray[np.int8]


def supertrend(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    period: int = 10,
    multiplier: float = 3.0,
) -> tuple[FloatArray, DirectionArray]:
    """
    The trailing band and the side it is on.

    Follows TA-Lib 0.8 and Stock.Indicators: Wilder's ATR, whose first value stands at
    candle ``period``, around the middle of high and low; the first direction is up
    unless that candle closes at or below its own lower band. Stock.Indicators' workbook
    begins on the side of the middle where that candle closes, and TradingView starts one
    candle earlier, so directions may differ until both have flipped.

    Args:
        high: Highest prices, finite, oldest first; shape ``(n,)``.
        low: Lowest prices, likewise.
        close: Closing prices, likewise.
        period: Of the ATR, in candles, at least 2.
        multiplier: Distance of the band, in ATR; positive.

    Returns:
        Value and direction, each of shape ``(n,)``. The value is NaN and the direction
        0 for the first ``period`` candles; afterwards the direction is +1 (price above
        the band) or -1.

    Raises:
        ValueError: If ``period < 2`` or ``multiplier`` is not positive.
    """
    if period < _SHORTEST_PERIOD:
        raise ValueError(f"period must be at least {_SHORTEST_PERIOD}, was {period}")
    if not multiplier > 0.0:
        raise ValueError(f"multiplier must be positive, was {multiplier}")
    if close.size <= period:
        return np.full(close.size, np.nan), np.zeros(close.size, dtype=np.int8)
    value, direction = talib.SUPERTREND(high, low, close, period, multiplier)
    return value, direction.astype(np.int8)
