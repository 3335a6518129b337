import numpy as np
import pytest

from core.indicators.chandelier import chandelier_exit
from core.model.candles import VALUE_COLUMNS, CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.overlays.chandelier_exit import OVERLAY, ChandelierParams, chandelier_shapes
from tests.builders import random_walk

MARKET = random_walk(1000, interval=Interval.M15)


def shapes(market=MARKET, params=OVERLAY.defaults):
    return chandelier_shapes(MarketView(market), params)


def test_the_lines_are_the_stops_and_say_which_is_in_force():
    long, short, *_ = shapes()
    exits = chandelier_exit(MARKET.high, MARKET.low, MARKET.close)
    np.testing.assert_array_equal(long.y, exits.long)
    np.testing.assert_array_equal(short.y, exits.short)
    np.testing.assert_array_equal(long.direction + short.direction, exits.direction)
    assert set(long.direction.tolist()) == {0, 1}
    assert set(short.direction.tolist()) == {0, -1}


def test_each_turn_has_one_marker_on_the_stop_that_comes_into_force():
    long, short, ups, downs = shapes()
    for line, table, side in ((long, ups, 1), (short, downs, -1)):
        force = line.direction == side
        rows = np.flatnonzero(force[1:] & ~force[:-1]) + 1
        assert len(rows) > 3
        assert table.at_ms.tolist() == MARKET.open_time_ms[rows].tolist()
        assert table.price.tolist() == line.y[rows].tolist()
        assert set(table.side.tolist()) == {side}


def test_a_turn_is_known_when_its_candle_has_closed():
    _, _, ups, downs = shapes()
    assert all(m.confirmed_ms == m.at_ms + 15 * 60_000 - 1 for m in (*ups, *downs))


def test_the_warm_up_is_never_too_long():
    assert OVERLAY.warm_up_candles(ChandelierParams(period=50), Interval.M1) <= LONGEST_WARM_UP


def test_parameters_out_of_range_are_rejected():
    with pytest.raises(ValueError, match="period must be between 2 and 50, was 51"):
        ChandelierParams(period=51)


@pytest.mark.parametrize("start", [690, 695, 699, 700, 701])
def test_a_window_that_begins_beside_a_huge_wick_has_the_same_stops(start):
    whole = random_walk(2400)
    columns = {name: getattr(whole, name).copy() for name in VALUE_COLUMNS}
    columns["high"][700] *= 100.0
    spiked = CandleSeries(whole.symbol, whole.interval, whole.open_time_ms, **columns)
    warm = OVERLAY.warm_up_candles(OVERLAY.defaults, whole.interval)
    for now, then in zip(shapes(spiked)[:2], shapes(spiked.rows(start, 2400))[:2], strict=True):
        settled = slice(start + warm, None)
        np.testing.assert_allclose(then.y[warm:], now.y[settled], rtol=1e-9)
        np.testing.assert_array_equal(then.direction[warm:], now.direction[settled])
