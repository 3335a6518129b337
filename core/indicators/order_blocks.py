"""Order blocks: the last candle against a move that went on to break structure."""

import numpy as np

from core.indicators.candle_ranges import CandleRanges
from core.indicators.market_structure import BoolArray, StructureBreaks
from core.indicators.price_zones import PriceZones
from core.indicators.range_extremes import RangeMaxima, RangeMinima
from core.indicators.swings import RowArray
from core.model.candles import CandleSeries


def order_blocks(
    candles: CandleSeries, breaks: StructureBreaks, ranges: CandleRanges
) -> PriceZones:
    """
    The candle behind each break, from wick to wick.

    A break upward begins at the lowest low between the swing high and the close that
    broke it (the first of equal ones). Its block is the newest falling candle up to
    there, not older than the swing; there is none where no such candle is, or where the
    breaking close has not left its range. Downward likewise, upside down. Now and then
    (once in 2,000 breaks of recorded markets) two breaks have the same block.

    Args:
        candles: Oldest first.
        breaks: Of the same candles.
        ranges: Of the same candles, for the longest way from a swing to its break or more.

    Returns:
        Drawn from the block's candle, known at the close that broke structure. The strength
        is the share of the move, from the block's far edge to that close, that lies beyond
        the broken level.

    Source:
        The candle of M. Huddleston's "last opposing candle before the displacement"; the
        extreme between swing and break marks where that displacement began, as in ``ob()``
        of smartmoneyconcepts, which takes the extreme candle itself as the block.
    """
    high, low, close = candles.high, candles.low, candles.close
    stop = breaks.row
    up, down = np.flatnonzero(breaks.side > 0), np.flatnonzero(breaks.side < 0)
    block = np.empty(stop.size, dtype=np.intp)
    block[up] = _newest(close < candles.open, _lowest_row(ranges.low, breaks, up))
    block[down] = _newest(close > candles.open, _highest_row(ranges.high, breaks, down))
    left = np.where(breaks.side > 0, high[block] < close[stop], low[block] > close[stop])
    held = np.flatnonzero((block >= breaks.swing_row) & left)
    block, stop, side = block[held], stop[held], breaks.side[held]
    move = np.where(side > 0, close[stop] - low[block], high[block] - close[stop])
    return PriceZones(
        from_row=block,
        confirmed_row=stop,
        side=side,
        low=low[block],
        high=high[block],
        strength=np.minimum(np.abs(close[stop] - breaks.level[held]) / move, 1.0),
    )


def _lowest_row(lows: RangeMinima, breaks: StructureBreaks, chosen: RowArray) -> RowArray:
    """Row of the first of the lowest lows between swing and break."""
    first, stop = breaks.swing_row[chosen] + 1, breaks.row[chosen]
    just_above = np.nextafter(lows.over(first, stop), np.inf)
    return lows.first_below(first, just_above, stop - first)


def _highest_row(highs: RangeMaxima, breaks: StructureBreaks, chosen: RowArray) -> RowArray:
    """Row of the first of the highest highs between swing and break."""
    first, stop = breaks.swing_row[chosen] + 1, breaks.row[chosen]
    just_below = np.nextafter(highs.over(first, stop), -np.inf)
    return highs.first_above(first, just_below, stop - first)


def _newest(candidates: BoolArray, rows: RowArray) -> RowArray:
    """Newest candidate at or before each row; -1 where none is."""
    every = np.arange(candidates.size)
    return np.maximum.accumulate(np.where(candidates, every, -1))[rows]
