"""Volume-weighted average price of a session, and how widely volume was spread around it."""

import numpy as np

from core.model.candles import FloatArray


def typical_price(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Mean of high, low and close: where a candle's volume is taken to have traded."""
    return (high + low + close) / 3.0


def session_vwap(price: FloatArray, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Mean price weighted by volume since the session began, and its standard deviation.

    Prices are taken from the session's first one and squares from the mean so far, so
    nothing cancels however high prices are and however little they move.

    Args:
        price: Of each candle, oldest first, one session per last axis; shape ``(..., n)``.
        volume: Of each candle, not negative; same shape.

    Returns:
        Mean and deviation, same shape; NaN until something was traded in the session and
        from a NaN on.

    Source:
        Cumulative VWAP as of Stock.Indicators; deviation by D. H. D. West, *Updating Mean
        and Variance Estimates* (1979).
    """
    first = price[..., :1]
    distance = price - first
    weight = np.cumsum(volume, axis=-1)
    traded = weight != 0.0
    mean = np.zeros_like(weight)
    np.divide(np.cumsum(volume * distance, axis=-1), weight, out=mean, where=traded)
    spread = np.zeros_like(weight)
    np.divide(weight[..., :-1], weight[..., 1:], out=spread[..., 1:], where=traded[..., 1:])
    spread[..., 1:] *= volume[..., 1:] * (distance[..., 1:] - mean[..., :-1]) ** 2
    variance = np.zeros_like(weight)
    np.divide(np.cumsum(spread, axis=-1), weight, out=variance, where=traded)
    mean[~traded] = np.nan
    variance[~traded] = np.nan
    return first + mean, np.sqrt(variance)
