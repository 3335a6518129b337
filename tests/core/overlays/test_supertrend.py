import numpy as np
import pytest

from core.indicators.supertrend import supertrend
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Marker, MarkerKind
from core.overlays.supertrend import OVERLAY, SupertrendParams, supertrend_shapes
from tests.builders import random_walk
from tests.core.real_markets import needs_recordings, recorded

MARKETS = [("BTCUSDT", Interval.M1), ("SOLUSDT", Interval.M1), ("ETHUSDT", Interval.M15)]


def shapes(market, params=OVERLAY.defaults):
    line, *markers = supertrend_shapes(MarketView(market), params)
    return line, markers


def flips(direction):
    """Rows whose direction differs from a known one before."""
    return np.flatnonzero((direction[1:] != direction[:-1]) & (direction[:-1] != 0)) + 1


def test_each_change_of_direction_has_one_marker_on_the_line():
    market = random_walk(1000)
    line, markers = shapes(market)
    rows = flips(line.direction)
    assert len(rows) > 5
    assert [m.at_ms for m in markers] == market.open_time_ms[rows].tolist()
    assert [m.price for m in markers] == line.y[rows].tolist()
    assert [m.kind is MarkerKind.TURN_UP for m in markers] == (line.direction[rows] > 0).tolist()


def test_a_turn_is_known_when_its_candle_has_closed():
    market = random_walk(500, interval=Interval.M15)
    _, markers = shapes(market)
    assert markers
    assert all(m.confirmed_ms == m.at_ms + 15 * 60_000 - 1 for m in markers)


def test_a_generated_market_is_as_the_plain_indicator_has_it():
    market = random_walk(3000)
    line, _ = shapes(market)
    value, direction = supertrend(market.high, market.low, market.close)
    np.testing.assert_allclose(line.y, value, rtol=1e-9)
    np.testing.assert_array_equal(line.direction, direction)


@needs_recordings
@pytest.mark.parametrize(("symbol", "interval"), MARKETS)
def test_anchored_runs_equal_one_run_over_full_history_on_recorded_markets(symbol, interval):
    market = recorded(symbol, interval, 20_000)
    line, markers = shapes(market)
    value, direction = supertrend(market.high, market.low, market.close)
    np.testing.assert_allclose(line.y, value, rtol=1e-9)
    assert [m.at_ms for m in markers] == market.open_time_ms[flips(direction)].tolist()


def test_markers_are_in_order_of_time():
    _, markers = shapes(random_walk(2000))
    assert all(isinstance(m, Marker) for m in markers)
    assert [m.at_ms for m in markers] == sorted(m.at_ms for m in markers)


def test_other_parameters_draw_another_line():
    market = random_walk(400)
    wide, _ = shapes(market, SupertrendParams(period=20, multiplier=5.0))
    line, _ = shapes(market)
    assert not np.array_equal(wide.y[20:], line.y[20:])
    assert OVERLAY.warm_up_candles(SupertrendParams(period=20)) > OVERLAY.warm_up_candles(
        OVERLAY.defaults
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period": 1}, "period must be between 2 and 100, was 1"),
        ({"period": 101}, "period must be between 2 and 100, was 101"),
        ({"multiplier": 0.0}, "multiplier must be between"),
        ({"multiplier": float("nan")}, "multiplier must be between"),
    ],
)
def test_parameters_out_of_range_are_rejected(changes, message):
    with pytest.raises(ValueError, match=message):
        SupertrendParams(**changes)
