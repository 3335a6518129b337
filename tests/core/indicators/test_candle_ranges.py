import numpy as np
import pytest

from core.indicators.candle_ranges import CandleRanges
from tests.builders import random_walk


def test_each_answer_is_of_its_own_column():
    market = random_walk(200)
    ranges = CandleRanges.of(market, 40)
    first = np.array([0, 50, 160])
    stop = first + 40
    expected = {
        "high": [market.high[a:b].max() for a, b in zip(first, stop, strict=True)],
        "low": [market.low[a:b].min() for a, b in zip(first, stop, strict=True)],
        "highest_close": [market.close[a:b].max() for a, b in zip(first, stop, strict=True)],
        "lowest_close": [market.close[a:b].min() for a, b in zip(first, stop, strict=True)],
    }
    for name, values in expected.items():
        assert getattr(ranges, name).over(first, stop).tolist() == values


def test_a_search_does_not_run_into_the_column_beside_its_own():
    market = random_walk(50)
    ranges = CandleRanges.of(market, 60)
    start = np.array([0, 30, 49])
    above, below = np.full(3, market.high.max()), np.full(3, market.low.min())
    assert ranges.high.first_above(start, above, 60).tolist() == [-1, -1, -1]
    assert ranges.low.first_below(start, below, 60).tolist() == [-1, -1, -1]


def test_a_range_of_no_candles_is_refused():
    with pytest.raises(ValueError, match="longest must be at least 1, was 0"):
        CandleRanges.of(random_walk(5), 0)
