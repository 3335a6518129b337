import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.candle_ranges import CandleRanges
from core.indicators.price_zones import (
    PriceZones,
    first_close_through,
    first_touch,
    zone_lives,
)
from core.indicators.range_extremes import NEVER
from tests.core.indicators.price_bars import bars, rough_market


def zones(*rows):
    """Zones of (confirmed_row, side, low, high)."""
    confirmed, side, low, high = (np.array(column) for column in zip(*rows, strict=True))
    return PriceZones(
        from_row=confirmed - 1,
        confirmed_row=confirmed,
        side=side.astype(np.int8),
        low=low.astype(float),
        high=high.astype(float),
        strength=np.full(confirmed.size, 0.5),
    )


def ranges(low, high, close=None, longest=50):
    closes = low if close is None else close
    return CandleRanges(bars(list(zip(closes, high, low, closes, strict=True))), longest)


def test_trading_at_the_near_edge_is_a_touch():
    low = [9.0, 9.0, 6.0, 5.0, 5.0]
    high = [9.5, 9.0, 9.0, 12.0, 13.0]
    found = first_touch(zones((0, 1, 4.0, 5.0), (1, -1, 12.0, 14.0)), ranges(low, high), 10)
    assert found.tolist() == [3, 3]


def test_the_candle_that_makes_a_zone_known_does_not_touch_it():
    found = first_touch(zones((0, 1, 4.0, 5.0)), ranges([5.0, 6.0], [6.0, 6.0]), 10)
    assert found.tolist() == [NEVER]


def test_a_close_at_the_far_edge_is_not_through_it():
    close = [9.0, 4.0, 3.9, 14.0, 14.1]
    wide = ranges([0.1] * 5, [99.0] * 5, close)
    found = first_close_through(zones((0, 1, 4.0, 5.0), (1, -1, 12.0, 14.0)), wide, 10)
    assert found.tolist() == [2, 4]


@given(st.integers(0, 500), st.integers(1, 40))
@settings(max_examples=10, deadline=None)
def test_touches_and_closes_are_those_a_loop_finds(seed, horizon):
    market = rough_market(120, seed, tick=0.25, missing=0.0)
    rng = np.random.default_rng(seed)
    confirmed = np.sort(rng.integers(0, 120, 30))
    low = market.close[confirmed] + rng.integers(-4, 5, 30) * 0.25
    some = zones(
        *zip(confirmed, rng.choice([1, -1], 30), low, low + rng.integers(0, 3, 30) * 0.25, strict=1)
    )
    touched = first_touch(some, CandleRanges(market, horizon), horizon)
    through = first_close_through(some, CandleRanges(market, horizon), horizon)
    for i in range(len(some)):
        rows = range(some.confirmed_row[i] + 1, min(some.confirmed_row[i] + 1 + horizon, 120))
        if some.side[i] > 0:
            touches = [r for r in rows if market.low[r] <= some.high[i]]
            closes = [r for r in rows if market.close[r] < some.low[i]]
        else:
            touches = [r for r in rows if market.high[r] >= some.low[i]]
            closes = [r for r in rows if market.close[r] > some.high[i]]
        assert touched[i] == (touches[0] if touches else NEVER)
        assert through[i] == (closes[0] if closes else NEVER)


def lives(n, *, end, visit, life=10):
    one = zones((5, 1, 1.0, 2.0))
    told = zone_lives(
        one, life, n, endings={"broken": np.array([end])}, visits={"visited": np.array([visit])}
    )
    return int(told.ended_row[0]), {name: int(row[0]) for name, row in told.events.items()}


@pytest.mark.parametrize(
    ("n", "end", "visit", "ended", "events"),
    [
        (100, NEVER, NEVER, 15, {"visited": NEVER, "broken": NEVER, "expired": 15}),
        (15, NEVER, NEVER, NEVER, {"visited": NEVER, "broken": NEVER, "expired": NEVER}),
        (100, 9, 7, 9, {"visited": 7, "broken": 9, "expired": NEVER}),
        (100, 9, 12, 9, {"visited": NEVER, "broken": 9, "expired": NEVER}),
        (100, 15, NEVER, 15, {"visited": NEVER, "broken": 15, "expired": NEVER}),
        (100, 16, 15, 15, {"visited": 15, "broken": NEVER, "expired": 15}),
    ],
)
def test_a_life_ends_with_its_first_ending_and_nothing_happens_after_it(
    n, end, visit, ended, events
):
    assert lives(n, end=end, visit=visit) == (ended, events)
