import numpy as np
import pytest

from core.indicators.candle_ranges import CandleRanges
from tests.builders import random_walk

BOTH = np.array([True, False])


def rows(*values):
    return np.array(values, dtype=np.intp)


def test_upwards_is_of_the_highs_and_downwards_of_the_lows():
    market = random_walk(200)
    first = rows(0, 50, 160, 0, 50, 160)
    stop, above = first + 40, np.repeat(BOTH, 3)
    assert CandleRanges(market, 40).extremes(above, first, stop).tolist() == [
        market.high[a:b].max() if up else market.low[a:b].min()
        for up, a, b in zip(above, first, stop, strict=True)
    ]


def test_a_level_is_reached_by_trading_at_it_and_passed_only_by_a_close_beyond_it():
    market = random_walk(60)
    ranges = CandleRanges(market, 60)
    top, bottom = market.high.max(), market.low.min()
    reached = ranges.first_traded(BOTH, rows(0, 0), np.array([top, bottom]), 60)
    assert reached.tolist() == [market.high.argmax(), market.low.argmin()]
    highest, lowest = market.close.max(), market.close.min()
    levels = np.array([highest, lowest])
    assert ranges.first_closed(BOTH, rows(0, 0), levels, 60).tolist() == [-1, -1]
    inside = np.array([np.nextafter(highest, 0.0), np.nextafter(lowest, np.inf)])
    passed = ranges.first_closed(BOTH, rows(0, 0), inside, 60)
    assert passed.tolist() == [market.close.argmax(), market.close.argmin()]


@pytest.mark.parametrize("above", [True, False])
def test_a_search_does_not_run_into_the_column_beside_its_own(above):
    market = random_walk(50)
    ranges = CandleRanges(market, 60)
    level = np.full(4, market.high.max() + 1.0 if above else market.low.min() - 1.0)
    start, ways = rows(0, 30, 49, 50), np.full(4, above)
    assert ranges.first_traded(ways, start, level, 60).tolist() == [-1] * 4
    assert ranges.first_closed(ways, start, level, 60).tolist() == [-1] * 4


def test_a_range_of_no_candles_is_refused():
    with pytest.raises(ValueError, match="longest must be at least 1, was 0"):
        CandleRanges(random_walk(5), 0)
