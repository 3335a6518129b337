"""Volume by price: on a grid of round steps, with its point of control and value area."""

import math
from dataclasses import dataclass

import numpy as np

from core.model.candles import CandleSeries, FloatArray, TimeArray

# Steps that people count in.
_ROUND = (1.0, 2.0, 5.0, 10.0)
# Finer than a billionth of the price a float64 has too few digits left to tell buckets apart.
_FINEST = 1e-9
# 0.0012 / 60 is a hair more than 0.00002.
_ROUNDING = 1.0 - 1e-9
# A market that has not moved gets a bucket of about a ten-thousandth of its price.
_OF_A_STILL_PRICE = 1e-4


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """
    Buckets of equal height whose edges are whole multiples of it.

    Attributes:
        first: Lower edge of the lowest bucket, in heights.
        buckets: How many there are, at least 1.
        width: Height of a bucket in quote currency.
    """

    first: int
    buckets: int
    width: float

    @property
    def lower_edges(self) -> FloatArray:
        """Lower edge of each bucket, shape ``(buckets,)``."""
        return np.arange(self.first, self.first + self.buckets, dtype=np.float64) * self.width


def round_grid(low: float, high: float, most_buckets: int) -> PriceGrid:
    """
    Return the finest grid in steps of 1, 2 or 5 times a power of ten that spans a range.

    It is a function of the range alone: equal ranges have equal grids.

    Args:
        low: Lowest price, positive and finite.
        high: Highest price, at least ``low``.
        most_buckets: At least 2; one more may be touched where the range straddles an edge.
    """
    reach = high - low if high > low else low * _OF_A_STILL_PRICE * most_buckets
    width = _round_up(max(reach / most_buckets, high * _FINEST))
    first = math.floor(low / width)
    return PriceGrid(first, max(math.ceil(high / width) - first, 1), width)


def _round_up(step: float) -> float:
    power = math.floor(math.log10(step))
    for factor in _ROUND:
        # A negative power of ten is not exact, its inverse is.
        rounded = factor * 10.0**power if power >= 0 else factor / 10.0**-power
        if rounded >= step * _ROUNDING:
            return rounded
    return step


def spread_volume(candles: CandleSeries, grid: PriceGrid) -> tuple[FloatArray, FloatArray]:
    """
    Volume and taker buys of each bucket, each candle's spread evenly from its low to its high.

    Args:
        candles: Of finite prices and volumes.
        grid: Spans them.

    Returns:
        Both of shape ``(buckets,)``; all taker buys are NaN where those of a candle are.
    """
    width, lower, most = grid.width, grid.lower_edges, grid.buckets - 1
    first = np.clip(np.floor(candles.low / width).astype(np.int64) - grid.first, 0, most)
    last = np.clip(np.ceil(candles.high / width).astype(np.int64) - 1 - grid.first, first, most)
    several = last > first
    density = np.zeros(len(candles))
    np.divide(1.0, candles.high - candles.low, out=density, where=several)
    # Rounding may put a price on the wrong side of an edge, by nothing.
    in_first = np.where(several, np.maximum(lower[first] + width - candles.low, 0.0) * density, 1.0)
    in_last = np.where(several, np.maximum(candles.high - lower[last], 0.0) * density, 0.0)
    inner = slice(None) if several.all() else several
    begin, end, in_each = first[inner] + 1, last[inner], (width * density)[inner]
    crossed = _running(begin, end, grid.buckets) > 0.0

    def summed(volume: FloatArray) -> FloatArray:
        whole = _running(begin, end, grid.buckets, volume[inner] * in_each)
        # Where no candle crosses, what is left of the running sum is rounding.
        total: FloatArray = np.where(crossed, np.maximum(whole, 0.0), 0.0)
        total += np.bincount(first, volume * in_first, grid.buckets)
        total += np.bincount(last, volume * in_last, grid.buckets)
        return total

    if np.isnan(candles.taker_buy_volume).any():
        return summed(candles.volume), np.full(grid.buckets, np.nan)
    return summed(candles.volume), summed(candles.taker_buy_volume)


def _running(
    begin: TimeArray, end: TimeArray, buckets: int, weight: FloatArray | None = None
) -> FloatArray:
    """Sum per bucket of what holds in ``[begin, end)``; how many hold where there is no weight."""
    rises = np.bincount(begin, weight, buckets + 1)
    falls = np.bincount(end, weight, buckets + 1)
    held: FloatArray = np.cumsum(rises - falls)[:buckets].astype(np.float64)
    return held


@dataclass(frozen=True, slots=True)
class ValueArea:
    """
    Places in a profile.

    Attributes:
        heaviest: The place with the most volume (point of control), the lowest of equals.
        first, last: The ends of the value area.
    """

    heaviest: int
    first: int
    last: int


def value_area(volume: FloatArray, share: float) -> ValueArea | None:
    """
    Grow from the point of control until ``share`` of the volume is inside.

    Each step takes the neighbour with more volume, the upper of equals; empty places are
    stepped over and cost nothing.

    Args:
        volume: By price, lowest price first; not negative.
        share: In (0, 1].

    Returns:
        None where nothing was traded.

    Source:
        J. P. Steidlmayer's value area, one place at a time as QuantConnect Lean's
        VolumeProfile does it.
    """
    places = np.flatnonzero(volume > 0.0)
    if places.size == 0:
        return None
    amounts = volume[places].tolist()
    heaviest = low = high = int(np.argmax(volume[places]))
    held, wanted = amounts[heaviest], share * sum(amounts)
    while held < wanted and (low > 0 or high < len(amounts) - 1):
        below = amounts[low - 1] if low > 0 else -1.0
        above = amounts[high + 1] if high < len(amounts) - 1 else -1.0
        if above >= below:
            high += 1
        else:
            low -= 1
        held += max(above, below)
    return ValueArea(int(places[heaviest]), int(places[low]), int(places[high]))
