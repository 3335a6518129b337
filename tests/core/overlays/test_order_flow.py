from dataclasses import replace

import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.model.order_flow import FlowSeries, Footprint
from core.overlays.order_flow import OVERLAY, OrderFlowParams
from tests.builders import START_MS, candle, random_walk
from tests.core.overlays.markets import generated, view_of, without

LAST = 59


def by_name(view, params=OVERLAY.defaults):
    return {shape.name: shape for shape in OVERLAY.compute(view, params)}


def absorbing(*, bought):
    """An hour of calm minutes; in the last all takers are on one side and price stands still."""
    rows = [
        candle(
            START_MS + i * MINUTE_MS,
            high=100.5,
            low=99.5,
            taker_buy_volume=5.0 + (-1) ** i,
        )
        for i in range(LAST)
    ]
    taken = 30.0 if bought else 0.0
    last_ms = START_MS + LAST * MINUTE_MS
    rows.append(candle(last_ms, high=101.0, low=99.0, volume=30.0, taker_buy_volume=taken))
    return CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)


def heard(market, *, complete=True, more_bought=0.0):
    n = len(market)
    bought = market.taker_buy_volume + more_bought
    sold = market.volume - market.taker_buy_volume
    values = np.zeros(n)
    return FlowSeries(
        market.symbol,
        market.open_time_ms,
        bought,
        sold,
        bought,
        sold,
        np.ones(n, dtype=np.int64),
        values,
        values,
        values,
        np.full(n, complete),
    )


def footprint(*, bought):
    """Of the last minute: most was taken at 100.25."""
    prices, taken = np.array([99.0, 100.0, 100.5]), np.array([1.0, 25.0, 4.0])
    sides = (taken, np.zeros(3)) if bought else (np.zeros(3), taken)
    return Footprint(START_MS + LAST * MINUTE_MS, 0.5, prices, *sides)


def test_delta_and_its_sum_are_those_of_the_candles():
    market = random_walk(200)
    shapes = by_name(MarketView(market))
    delta = 2.0 * market.taker_buy_volume - market.volume
    np.testing.assert_array_equal(shapes["Delta"].y, delta)
    np.testing.assert_array_equal(shapes["Delta"].direction, np.sign(delta))
    np.testing.assert_allclose(shapes["Cumulative delta"].y, np.cumsum(delta))
    assert shapes["Cumulative delta"].own_scale


def test_what_was_seen_live_changes_nothing_that_comes_from_candles():
    market = generated(1).tail(700)
    plain = by_name(MarketView(market))
    live = by_name(view_of(generated(1), Interval.M1, 700))
    for name in ("Delta", "Cumulative delta"):
        np.testing.assert_array_equal(plain[name].y, live[name].y)
    tables = ("Buying absorbed", "Selling absorbed", "Bullish divergence", "Bearish divergence")
    assert sum(len(plain[name]) for name in tables) > 5
    for name in tables:
        assert list(plain[name]) == list(live[name])


def test_delta_of_trades_is_beside_the_candles_that_were_seen_whole():
    market = random_walk(100)
    shapes = by_name(MarketView(market, flow=heard(market)))
    np.testing.assert_allclose(shapes["Delta of trades seen"].y, shapes["Delta"].y, atol=1e-12)
    assert np.isnan(by_name(MarketView(market))["Delta of trades seen"].y).all()


@pytest.mark.parametrize("bought", [True, False])
def test_an_absorption_is_marked_at_the_far_end_of_its_candle(bought):
    shapes = by_name(MarketView(absorbing(bought=bought)))
    side = "Buying absorbed" if bought else "Selling absorbed"
    (marker,) = shapes[side]
    assert marker.at_ms == START_MS + LAST * MINUTE_MS
    assert marker.confirmed_ms == marker.at_ms + MINUTE_MS - 1
    assert (marker.price, marker.side) == ((101.0, -1) if bought else (99.0, 1))
    assert len(shapes["Absorbed at this price"]) == 0


@pytest.mark.parametrize("bought", [True, False])
def test_where_its_trades_were_seen_it_is_also_marked_at_the_price_of_most_of_them(bought):
    market = absorbing(bought=bought)
    view = MarketView(market, flow=heard(market), footprints=(footprint(bought=bought),))
    (marker,) = by_name(view)["Absorbed at this price"]
    assert (marker.price, marker.side) == (100.25, -1 if bought else 1)


def test_trades_that_lean_the_other_way_or_are_incomplete_mark_no_price():
    market = absorbing(bought=True)
    view = MarketView(market, footprints=(footprint(bought=True),))
    other_way = replace(view, flow=heard(absorbing(bought=False)))
    incomplete = replace(view, flow=heard(market, complete=False))
    for doubtful in (view, other_way, incomplete):
        assert len(by_name(doubtful)["Absorbed at this price"]) == 0


def test_a_divergence_reaches_from_one_extreme_to_the_next():
    market = random_walk(2000)
    shapes = by_name(MarketView(market))
    for name, price, side in (
        ("Bearish divergence", market.high, -1),
        ("Bullish divergence", market.low, 1),
    ):
        assert len(shapes[name]) > 3
        for marker in shapes[name]:
            earlier, row = np.searchsorted(market.open_time_ms, (marker.from_ms, marker.at_ms))
            assert marker.side == side
            assert marker.price == price[row]
            assert side * (price[earlier] - price[row]) > 0.0
            assert 4 < row - earlier < 30


def note(view):
    return by_name(view)["Order flow"].text


def test_the_note_says_how_much_was_seen_and_how_far_it_differs():
    market = random_walk(300)
    assert "No trades were seen live" in note(MarketView(market))
    whole = heard(market)
    assert "100 of the newest 100 candles" in note(MarketView(market, flow=whole))
    assert "are equal" in note(MarketView(market, flow=whole))
    part = heard(market.tail(38))
    assert "38 of the newest 100 candles" in note(MarketView(market, flow=part))


def test_a_difference_is_told_as_a_share_of_the_candle():
    market = absorbing(bought=True).head(LAST)
    assert "at most 2.00%" in note(MarketView(market, flow=heard(market, more_bought=0.2)))


def test_the_note_says_why_there_is_no_sum():
    market = random_walk(30, interval=Interval.H1)
    absent = np.zeros(30, dtype=bool)
    absent[26] = True
    holed = MarketView(without(market, absent))
    assert np.isnan(by_name(holed)["Cumulative delta"].y[-1])
    assert "not known before the next midnight" in note(holed)
    assert "midnight" not in note(MarketView(market))


def test_takers_that_are_not_known_leave_gaps_and_no_events():
    market = random_walk(300)
    shapes = by_name(MarketView(replace(market, taker_buy_volume=np.full(300, np.nan))))
    assert np.isnan(shapes["Delta"].y).all()
    assert not shapes["Delta"].direction.any()
    assert np.isnan(shapes["Cumulative delta"].y).all()
    tables = [shape for name, shape in shapes.items() if "absorbed" in name or "diver" in name]
    assert [len(table) for table in tables] == [0, 0, 0, 0]


def test_other_parameters_find_other_absorptions():
    view = MarketView(random_walk(3000))
    loose = OrderFlowParams(period=20, least_z=1.0, least_volume=0.5, most_progress=1.0)
    assert len(by_name(view, loose)["Buying absorbed"]) > len(by_name(view)["Buying absorbed"])


def test_warm_up_is_a_day_or_what_the_marks_and_the_note_need():
    needed = [OVERLAY.warm_up_candles(OVERLAY.defaults, interval) for interval in Interval]
    assert needed == [1439, 287, 99, 99, 99, 99]
    assert OVERLAY.warm_up_candles(OrderFlowParams(period=500), Interval.D1) == 501
