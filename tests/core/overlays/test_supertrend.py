import numpy as np
import pytest

from core.indicators.supertrend import supertrend
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.overlays.supertrend import OVERLAY, SupertrendParams, supertrend_shapes
from tests.builders import random_walk
from tests.core.real_markets import needs_recordings, recorded

MARKETS = [("BTCUSDT", Interval.M1), ("SOLUSDT", Interval.M1), ("ETHUSDT", Interval.M15)]


def shapes(market, params=OVERLAY.defaults):
    return supertrend_shapes(MarketView(market), params)


def flips(direction):
    """Rows whose direction differs from a known one before."""
    return np.flatnonzero((direction[1:] != direction[:-1]) & (direction[:-1] != 0)) + 1


def times(*tables):
    return sorted(marker.at_ms for table in tables for marker in table)


def test_each_change_of_direction_has_one_marker_on_the_line():
    market = random_walk(1000)
    line, *turns = shapes(market)
    rows = flips(line.direction)
    assert len(rows) > 5
    assert times(*turns) == market.open_time_ms[rows].tolist()
    for table, side in zip(turns, (1, -1), strict=True):
        own = rows[line.direction[rows] == side]
        assert table.price.tolist() == line.y[own].tolist()
        assert set(table.side.tolist()) == {side}


def test_a_turn_is_known_when_its_candle_has_closed():
    _, *turns = shapes(random_walk(500, interval=Interval.M15))
    assert all(len(table) for table in turns)
    assert all(m.confirmed_ms == m.at_ms + 15 * 60_000 - 1 for table in turns for m in table)


def test_a_generated_market_is_as_the_plain_indicator_has_it():
    market = random_walk(3000)
    line, *_ = shapes(market)
    value, direction = supertrend(market.high, market.low, market.close)
    np.testing.assert_allclose(line.y, value, rtol=1e-9)
    np.testing.assert_array_equal(line.direction, direction)


@needs_recordings
@pytest.mark.parametrize(("symbol", "interval"), MARKETS)
def test_anchored_runs_equal_one_run_over_full_history_on_recorded_markets(symbol, interval):
    market = recorded(symbol, interval, 20_000)
    line, *turns = shapes(market)
    value, direction = supertrend(market.high, market.low, market.close)
    np.testing.assert_allclose(line.y, value, rtol=1e-9)
    assert times(*turns) == market.open_time_ms[flips(direction)].tolist()


def test_other_parameters_draw_another_line():
    market = random_walk(400)
    wide, *_ = shapes(market, SupertrendParams(period=20, multiplier=5.0))
    line, *_ = shapes(market)
    assert not np.array_equal(wide.y[20:], line.y[20:])


def test_a_longer_period_takes_longer_to_warm_up_but_never_too_long():
    needed = [
        OVERLAY.warm_up_candles(SupertrendParams(period=period), Interval.M1)
        for period in (2, 10, 50)
    ]
    assert needed == sorted(needed)
    assert needed[-1] <= LONGEST_WARM_UP


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period": 1}, "period must be between 2 and 50, was 1"),
        ({"period": 51}, "period must be between 2 and 50, was 51"),
        ({"multiplier": 0.0}, "multiplier must be between"),
        ({"multiplier": float("nan")}, "multiplier must be between"),
    ],
)
def test_parameters_out_of_range_are_rejected(changes, message):
    with pytest.raises(ValueError, match=message):
        SupertrendParams(**changes)
