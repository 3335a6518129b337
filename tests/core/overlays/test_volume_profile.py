import math

import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.volume_profile import OVERLAY, VolumeProfileParams
from tests.builders import candle, random_walk


def profile(market, shown_ms=None, **params):
    shapes = OVERLAY.compute(MarketView(market, shown_ms=shown_ms), VolumeProfileParams(**params))
    (shape,) = shapes
    return shape


def test_it_is_of_the_shown_range():
    market = random_walk(500)
    times = market.open_time_ms
    shown = profile(market, (int(times[100]), int(times[200])))
    assert shown.from_ms == times[100]
    assert shown.confirmed_ms == market.interval.close_time_ms(int(times[200]))
    assert shown.volume.sum() == pytest.approx(market.volume[100:201].sum(), rel=1e-9)
    assert shown.buy_volume.sum() == pytest.approx(market.taker_buy_volume[100:201].sum(), rel=1e-9)


def test_without_a_range_it_is_of_the_newest_candles():
    market = random_walk(500)
    assert profile(market, candles=50).from_ms == market.open_time_ms[-50]
    assert profile(market).volume.sum() == pytest.approx(market.volume[-300:].sum(), rel=1e-9)


def test_what_comes_after_the_shown_range_does_not_change_it():
    market = random_walk(400)
    shown_ms = (int(market.open_time_ms[50]), int(market.open_time_ms[150]))
    then, now = profile(market.head(151), shown_ms), profile(market, shown_ms)
    for name in ("price", "volume", "buy_volume"):
        np.testing.assert_array_equal(getattr(then, name), getattr(now, name))
    assert (then.point_of_control, then.value_low, then.value_high) == (
        now.point_of_control,
        now.value_low,
        now.value_high,
    )


def test_of_a_range_that_is_not_over_only_closed_candles_count():
    market = random_walk(100)
    ahead_ms = int(market.open_time_ms[-1]) + 3_600_000
    shown = profile(market, (int(market.open_time_ms[0]), ahead_ms))
    assert shown.confirmed_ms == market.interval.close_time_ms(int(market.open_time_ms[-1]))


def test_control_and_value_area_are_where_the_volume_is():
    shape = profile(random_walk(300))
    heaviest = int(np.argmax(shape.volume))
    assert shape.point_of_control == pytest.approx(shape.price[heaviest] + shape.width / 2.0)
    inside = (shape.price >= shape.value_low) & (shape.price < shape.value_high)
    assert 0.7 <= shape.volume[inside].sum() / shape.volume.sum() < 0.8
    assert shape.value_low < shape.point_of_control < shape.value_high


@pytest.mark.parametrize("price", [1e-8, 1e6])
def test_tiny_and_huge_prices_have_a_profile(price):
    shape = profile(random_walk(300, price=price))
    assert 20 <= shape.volume.size <= 61
    assert shape.value_low < shape.point_of_control < shape.value_high


def test_without_volume_there_is_no_point_of_control():
    nothing = {"volume": 0.0, "taker_buy_volume": 0.0}
    rows = [candle(i * 60_000, 100.0 + i, **nothing) for i in range(3)]
    shape = profile(CandleSeries.from_candles("BTCUSDT", Interval.M1, rows))
    assert (shape.volume == 0.0).all()
    levels = (shape.point_of_control, shape.value_low, shape.value_high)
    assert all(math.isnan(level) for level in levels)


@pytest.mark.parametrize("shown_ms", [None, (0, 1)])
def test_without_candles_there_is_none(shown_ms):
    market = random_walk(0) if shown_ms is None else random_walk(10)
    assert OVERLAY.compute(MarketView(market, shown_ms=shown_ms), OVERLAY.defaults) == ()
