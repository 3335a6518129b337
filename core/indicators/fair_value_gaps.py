"""Fair value gaps: prices that a candle ran through and its neighbours never traded at."""

import numpy as np

from core.indicators.price_zones import PriceZones
from core.indicators.range_extremes import NEVER
from core.indicators.stretches import stretches
from core.indicators.swings import RowArray
from core.model.candles import CandleSeries


def fair_value_gaps(candles: CandleSeries) -> PriceZones:
    """
    Gaps between the first and the third of three candles without a hole between them.

    Bullish where the third candle's low is above the first one's high and the middle
    candle rose; bearish where the third one's high is below the first one's low and the
    middle candle fell. A gap whose middle candle went the other way, or nowhere, is none.

    Returns:
        Drawn from the middle candle, known when the third one closes. The strength is
        the height of the gap as a share of the middle candle's range, at most 1.

    Source:
        Rows and edges are those of ``fvg()`` of the Python package smartmoneyconcepts,
        which writes them at the middle candle, one candle before they can be known.
    """
    high, low, stretch = candles.high, candles.low, stretches(candles)
    first_price, last_price = candles.open[1:-1], candles.close[1:-1]
    rose, fell = last_price > first_price, last_price < first_price
    bullish = (low[2:] > high[:-2]) & rose
    bearish = (high[2:] < low[:-2]) & fell
    first = ((bullish | bearish) & (stretch[2:] == stretch[:-2])).nonzero()[0]
    up = bullish[first]
    third, middle = first + 2, first + 1
    bottom = np.where(up, high[first], high[third])
    top = np.where(up, low[third], low[first])
    return PriceZones(
        from_row=middle,
        confirmed_row=third,
        side=2 * up.view(np.int8) - np.int8(1),
        low=bottom,
        high=top,
        strength=np.minimum((top - bottom) / (high[middle] - low[middle]), 1.0),
    )


def joined_gaps(gaps: PriceZones, most: int) -> tuple[PriceZones, RowArray]:
    """
    Widen each gap by those of the same side at the candles right before it.

    A gap that is followed by another one at the next candle is part of that one, which
    is known one candle later: so it stands until then and ends there. In longer rows of
    gaps than ``most`` a gap holds the newest ``most`` of them: what it says is a function
    of few candles.

    Args:
        gaps: As `fair_value_gaps` has them.
        most: Gaps to join, at least 1 (none are joined).

    Returns:
        The gaps, and the row at which each became part of the next one, or `NEVER`.

    Source:
        The last gap of each row of at most ``most`` is that of ``fvg(join_consecutive=True)``
        of smartmoneyconcepts, which removes the earlier ones with hindsight.

    Raises:
        ValueError: If ``most < 1``.
    """
    if most < 1:
        raise ValueError(f"most must be at least 1, was {most}")
    swallowed = np.full(len(gaps), NEVER, dtype=np.intp)
    if most == 1 or len(gaps) == 0:
        return gaps, swallowed
    follows = np.zeros(len(gaps), dtype=np.bool_)
    follows[1:] = (np.diff(gaps.confirmed_row) == 1) & (gaps.side[1:] == gaps.side[:-1])
    low, high, from_row = gaps.low.copy(), gaps.high.copy(), gaps.from_row.copy()
    linked = np.flatnonzero(follows)
    for back in range(1, most):
        if linked.size == 0:
            break
        low[linked] = np.minimum(low[linked], gaps.low[linked - back])
        high[linked] = np.maximum(high[linked], gaps.high[linked - back])
        from_row[linked] = gaps.from_row[linked - back]
        linked = linked[follows[linked - back]]
    swallowed[:-1] = np.where(follows[1:], gaps.confirmed_row[1:], NEVER)
    joined = PriceZones(from_row, gaps.confirmed_row, gaps.side, low, high, gaps.strength)
    return joined, swallowed
