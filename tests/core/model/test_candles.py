import math

import numpy as np
import pytest
from msgspec import structs

from core.model.candles import CandleError, CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from tests.builders import START_MS, candle, candles, random_walk


@pytest.mark.parametrize(
    "fault",
    [
        {"close": math.nan},
        {"high": math.inf},
        {"low": -1.0},
        {"low": 0.0},
        {"high": 99.0},
        {"low": 101.0},
        {"volume": -1.0},
        {"volume": math.nan},
        {"taker_buy_volume": 11.0},
        {"quote_volume": math.inf},
        {"trades": -1},
    ],
    ids=str,
)
def test_an_impossible_candle_cannot_exist(fault):
    with pytest.raises(CandleError):
        candle(**fault)


def test_a_candle_that_was_changed_is_checked_again_and_none_changes_in_place():
    made = candle(close=100.0)
    with pytest.raises(CandleError):
        structs.replace(made, high=99.0)
    with pytest.raises(AttributeError):
        made.high = 99.0
    assert structs.replace(made, high=101.0) == candle(close=100.0, high=101.0)


def test_rounding_may_put_the_taker_part_a_hair_above_the_whole():
    assert candle(volume=1.0, taker_buy_volume=1.0 + 1e-12).volume == 1.0


def test_a_series_returns_the_rows_it_was_built_from():
    rows = [candle(START_MS + i * 60_000, 100.0 + i) for i in range(5)]
    assert list(CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)) == rows


def test_a_series_refuses_disorder():
    with pytest.raises(CandleError, match="do not increase"):
        CandleSeries.from_candles("X", Interval.M1, [candle(60_000), candle(60_000)])


def test_a_series_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        random_walk(3).close[0] = 1.0


def test_between_includes_both_ends():
    series = candles([1, 2, 3, 4, 5])
    part = series.between(START_MS + 60_000, START_MS + 180_000)
    np.testing.assert_array_equal(part.close, [2, 3, 4])


def test_head_and_tail_of_more_than_there_is_are_the_whole():
    assert len(random_walk(3).tail(10)) == len(random_walk(3).head(10)) == 3


def test_a_view_shows_of_other_intervals_only_bars_closed_by_then():
    minutes = candles(range(1, 121))
    hours = candles([1, 2, 3], interval=Interval.H1)
    view = MarketView(minutes, {Interval.H1: hours})
    assert len(view.at(Interval.H1)) == 2
    assert len(view.head(119).at(Interval.H1)) == 1
    assert len(view.head(60).at(Interval.H1)) == 1
    assert len(view.head(59).at(Interval.H1)) == 0
    assert view.at(Interval.M1) is minutes
    assert len(view.at(Interval.H4)) == 0


@pytest.mark.parametrize("interval", list(Interval))
def test_every_interval_divides_the_utc_day(interval):
    assert Interval.D1.duration_ms % interval.duration_ms == 0
    assert interval.open_time_ms(START_MS + 1) == START_MS
    assert interval.close_time_ms(START_MS) == START_MS + interval.duration_ms - 1
