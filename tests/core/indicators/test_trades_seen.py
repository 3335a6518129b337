import math

import numpy as np
import pytest

from core.indicators.trades_seen import absorption_prices, delta_of_trades, newest_reading
from core.model.intervals import MINUTE_MS, Interval
from core.model.order_flow import FlowSeries, Footprint
from tests.builders import START_MS, candles

BUYING = np.array([1], dtype=np.int8)


def flow(*minutes, incomplete=(), deaf=(), book=0.5):
    """Five bought and three sold in each of the minutes counted from the start."""
    n = len(minutes)
    bought = np.where(np.isin(minutes, deaf), np.nan, 5.0)
    sold = np.where(np.isin(minutes, deaf), np.nan, 3.0)
    return FlowSeries(
        "BTCUSDT",
        START_MS + np.array(minutes, dtype=np.int64) * MINUTE_MS,
        bought,
        sold,
        bought * 100.0,
        sold * 100.0,
        np.where(np.isin(minutes, deaf), 0, 4),
        np.full(n, book),
        np.arange(n, dtype=np.float64) / 10.0,
        np.full(n, 2.0),
        ~np.isin(minutes, incomplete),
    )


def footprint(minute, prices, bought, sold, width=1.0):
    columns = (np.array(column, dtype=float) for column in (prices, bought, sold))
    return Footprint(START_MS + minute * MINUTE_MS, width, *columns)


def seen(heard, interval=Interval.M5, n=4):
    return delta_of_trades(candles(np.full(n, 100.0), interval=interval), heard).tolist()


def test_a_candle_all_of_whose_minutes_were_seen_has_their_delta():
    assert seen(flow(*range(5, 15)))[1:3] == [10.0, 10.0]


def test_a_candle_with_an_unseen_or_incomplete_minute_has_none():
    heard = flow(*range(4), *range(5, 20), incomplete=(7,))
    np.testing.assert_array_equal(seen(heard), [np.nan, np.nan, 10.0, 10.0])


def test_minutes_beside_the_candles_are_not_counted():
    early = flow(*range(-30, 2))
    assert np.isnan(seen(early)).all()
    late = flow(*range(15, 40))
    np.testing.assert_array_equal(seen(late), [np.nan, np.nan, np.nan, 10.0])


def test_minutes_in_a_hole_of_the_candles_belong_to_none():
    market = candles(np.full(4, 100.0), interval=Interval.M5)
    columns = {
        name: getattr(market, name)[[0, 3]]
        for name in market.__dataclass_fields__
        if name not in ("symbol", "interval")
    }
    holed = type(market)(market.symbol, market.interval, **columns)
    np.testing.assert_array_equal(delta_of_trades(holed, flow(*range(3, 13))), [np.nan, np.nan])


@pytest.mark.parametrize("heard", [None, flow()], ids=["nothing", "no minute"])
def test_without_trades_nothing_was_seen(heard):
    assert np.isnan(seen(heard)).all()
    assert seen(heard, n=0) == []


def test_absorption_is_at_the_bucket_where_most_was_taken():
    heard = (
        footprint(0, [100.0, 101.0], [1.0, 6.0], [9.0, 0.0]),
        footprint(1, [101.0, 102.0], [2.0, 7.0], [0.0, 1.0]),
    )
    market = candles(np.full(2, 100.0))
    rows = np.array([0, 1])
    both = np.array([1, 1], dtype=np.int8)
    assert absorption_prices(market, rows, both, heard).tolist() == [101.5, 102.5]
    assert absorption_prices(market, rows, -both, heard).tolist() == [100.5, 102.5]


def test_minutes_of_unlike_widths_are_counted_by_the_coarsest():
    heard = (
        footprint(0, [100.0, 100.5], [3.0, 3.0], [0.0, 0.0], width=0.5),
        *(footprint(i, [100.0, 101.0], [0.0, 1.0], [0.0, 0.0]) for i in range(1, 5)),
    )
    market = candles([100.0], interval=Interval.M5)
    assert absorption_prices(market, np.array([0]), BUYING, heard).tolist() == [100.5]


def test_a_candle_without_all_of_its_footprints_has_no_price_of_absorption():
    heard = [footprint(i, [100.0], [1.0], [1.0]) for i in (0, 1, 3, 4)]
    market = candles([100.0], interval=Interval.M5)
    assert np.isnan(absorption_prices(market, np.array([0]), BUYING, heard)).all()
    assert np.isnan(absorption_prices(market, np.array([0]), BUYING, ())).all()


def test_a_reading_is_of_the_newest_candle_alone():
    market = candles(np.full(2, 100.0), interval=Interval.M5)
    reading = newest_reading(market, flow(*range(10)))
    assert reading.minutes_heard == 5
    assert reading.book_mean == 0.5
    assert reading.book_last == 0.9
    assert reading.spread_bps == 2.0
    assert reading.trade_size == 2.0


def test_a_book_that_was_not_heard_at_the_end_has_no_last_lean():
    market = candles(np.full(2, 100.0), interval=Interval.M5)
    reading = newest_reading(market, flow(5, 6, 7))
    assert reading.minutes_heard == 3
    assert reading.book_mean == 0.5
    assert math.isnan(reading.book_last)


def test_minutes_without_trades_or_book_are_left_out_of_a_reading():
    market = candles(np.full(1, 100.0), interval=Interval.M5)
    deaf = newest_reading(market, flow(0, 1, deaf=(0, 1), book=np.nan))
    assert (deaf.minutes_heard, deaf.spread_bps) == (2, 2.0)
    assert math.isnan(deaf.trade_size)
    assert math.isnan(deaf.book_mean)
    assert newest_reading(market, flow(0, 1, deaf=(0,))).trade_size == 2.0


@pytest.mark.parametrize(("n", "heard"), [(0, flow(0)), (1, None), (1, flow()), (1, flow(7))])
def test_what_was_not_heard_is_unknown(n, heard):
    reading = newest_reading(candles(np.full(n, 100.0)), heard)
    assert reading.minutes_heard == 0
    values = (reading.book_mean, reading.book_last, reading.spread_bps, reading.trade_size)
    assert all(math.isnan(value) for value in values)
