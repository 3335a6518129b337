"""Order blocks: the last candle against a move that went on to break structure."""

import numpy as np

from core.indicators.candle_ranges import CandleRanges
from core.indicators.market_structure import BoolArray, StructureBreaks
from core.indicators.price_zones import PriceZones
from core.indicators.swings import RowArray
from core.model.candles import CandleSeries

_NONE: RowArray = np.full(1, -1, dtype=np.intp)


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
    stop, up = breaks.row, breaks.side > 0
    first = breaks.swing_row + 1
    origin = ranges.first_traded(~up, first, ranges.extremes(~up, first, stop), stop - first)
    block = np.where(
        up, _newest(close < candles.open, origin), _newest(close > candles.open, origin)
    )
    left = np.where(up, high[block] < close[stop], low[block] > close[stop])
    held = ((block >= breaks.swing_row) & left).nonzero()[0]
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


def _newest(candidates: BoolArray, rows: RowArray) -> RowArray:
    """Newest candidate at or before each row; -1 where none is."""
    found = np.concatenate((_NONE, candidates.nonzero()[0]))
    return found[found.searchsorted(rows, side="right") - 1]
