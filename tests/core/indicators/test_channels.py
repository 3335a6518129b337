import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.averages import ema
from core.indicators.channels import bollinger, donchian, keltner, rolling_max, rolling_min
from core.indicators.volatility import atr
from tests.builders import random_walk
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
)

values = st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=60).map(np.array)


@needs_published
def test_bollinger_matches_published_results():
    # Their deviation loses digits to the level of the price, ours does not.
    theirs = published("bb")
    for own, name in zip(
        bollinger(quotes()["close"]), ("upperBand", "sma", "lowerBand"), strict=True
    ):
        np.testing.assert_allclose(own, theirs[name], rtol=1e-13, err_msg=name)


@needs_published
def test_donchian_is_the_published_one_a_candle_earlier():
    # Stock.Indicators leaves the latest candle out of its channel.
    theirs = published("donchian")
    ours = donchian(quotes()["high"], quotes()["low"])
    for own, name in zip(ours, ("upperBand", "centerline", "lowerBand"), strict=True):
        np.testing.assert_allclose(own[:-1], theirs[name][1:], rtol=1e-15, err_msg=name)


@needs_published
def test_keltner_matches_published_results():
    data, theirs = quotes(), published("keltner")
    ours = keltner(data["high"], data["low"], data["close"], 20, 2.0, 10)
    for own, name in zip(ours, ("upperBand", "centerline", "lowerBand"), strict=True):
        np.testing.assert_allclose(own, theirs[name], rtol=1e-14, err_msg=name)


@needs_oracle
@every_oracle
def test_channels_match_ta_lib_on_recorded_markets(file):
    data = oracle(file)
    np.testing.assert_array_equal(rolling_max(data["high"], 22), data["max_high_22"])
    np.testing.assert_array_equal(rolling_min(data["low"], 22), data["min_low_22"])
    names = ("bb_up_20_2", "bb_mid_20", "bb_low_20_2")
    for own, name in zip(bollinger(data["close"]), names, strict=True):
        # Where the band is narrow TA-Lib's deviation has eleven digits; beside the price: 13.
        np.testing.assert_allclose(own, data[name], rtol=1e-13, err_msg=name)


@settings(max_examples=40)
@given(values, st.integers(1, 12))
def test_extremes_are_those_of_each_window(column, period):
    known = range(period - 1, column.size)
    largest = [column[i - period + 1 : i + 1].max() for i in known]
    smallest = [column[i - period + 1 : i + 1].min() for i in known]
    assert rolling_max(column, period)[period - 1 :].tolist() == largest
    assert rolling_min(column, period)[period - 1 :].tolist() == smallest
    assert np.isnan(rolling_max(column, period)[: period - 1]).all()


def test_an_unknown_value_is_unknown_in_its_windows_alone():
    column = np.arange(10.0)
    column[4] = np.nan
    for extreme in (rolling_max, rolling_min):
        assert np.flatnonzero(np.isnan(extreme(column, 3))).tolist() == [0, 1, 4, 5, 6]


def channels_of(market):
    return {
        "bollinger": bollinger(market.close),
        "donchian": donchian(market.high, market.low),
        "keltner": keltner(market.high, market.low, market.close),
    }


@pytest.mark.parametrize("n", [0, 1, 19, 20, 21])
def test_channels_are_unknown_until_warm(n):
    for columns in channels_of(random_walk(40).head(n)).values():
        for column in columns:
            assert np.flatnonzero(~np.isnan(column)).tolist() == list(range(19, n))


@pytest.mark.parametrize("price", [1e-8, 0.1, 1e6])
def test_channels_of_a_still_market_are_its_price(price):
    flat = np.full(60, price)
    for columns in (bollinger(flat), donchian(flat, flat), keltner(flat, flat, flat)):
        for column in columns:
            np.testing.assert_allclose(column[19:], price, rtol=1e-15)


@settings(max_examples=20)
@given(st.integers(1, 40))
def test_price_stays_within_its_donchian_channel_and_bands_around_their_middle(seed):
    market = random_walk(120, seed=seed)
    upper, middle, lower = (column[19:] for column in donchian(market.high, market.low))
    assert ((market.low[19:] >= lower) & (market.high[19:] <= upper)).all()
    assert ((lower <= middle) & (middle <= upper)).all()
    upper, middle, lower = (column[19:] for column in bollinger(market.close))
    assert ((lower <= middle) & (middle <= upper)).all()


def test_keltner_is_an_average_and_ranges_around_it():
    market = random_walk(60)
    prices = (market.high, market.low, market.close)
    upper, middle, lower = keltner(*prices, 5, 1.5, 30)
    reach = 1.5 * atr(*prices, 30)
    np.testing.assert_array_equal(middle, ema(market.close, 5))
    np.testing.assert_array_equal(upper, middle + reach)
    np.testing.assert_array_equal(lower, middle - reach)
    assert np.isnan(upper[:30]).all()


@settings(max_examples=20)
@given(st.integers(0, 90))
def test_channels_never_look_ahead(n):
    market = random_walk(90)
    now = channels_of(market)
    for name, columns in channels_of(market.head(n)).items():
        for then, after in zip(columns, now[name], strict=True):
            np.testing.assert_array_equal(then, after[:n])


def test_impossible_periods_are_rejected():
    for extreme in (rolling_max, rolling_min):
        with pytest.raises(ValueError, match="period must be at least 1, was 0"):
            extreme(np.ones(3), 0)
