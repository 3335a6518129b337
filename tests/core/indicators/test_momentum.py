import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.momentum import macd
from tests.builders import random_walk
from tests.core.indicators.one_run import rsi
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
)

closes = st.lists(st.floats(0.01, 1e6), min_size=0, max_size=80).map(np.array)


def test_rsi_matches_an_example_by_hand():
    # Gains 2, 0, 4 and losses 0, 1, 0; means of the first two 1 and 0.5, then 2.5 and 0.25.
    ours = rsi(np.array([10.0, 12.0, 11.0, 15.0]), 2)
    np.testing.assert_allclose(ours, [np.nan, np.nan, 100 / 1.5, 100 * 2.5 / 2.75], rtol=1e-15)


@needs_published
def test_rsi_matches_published_results():
    # A share of gains in place of 100 - 100 / (1 + ratio): rounding of the last two digits.
    np.testing.assert_allclose(rsi(quotes()["close"]), published("rsi")["rsi"], rtol=1e-14)


@needs_published
def test_macd_matches_published_results_from_its_first_value():
    # Differences of averages near 250: a unit in their last place is 3e-14.
    theirs = published("macd")
    ours = macd(quotes()["close"])
    for own, name in zip(ours, ("macd", "signal", "histogram"), strict=True):
        np.testing.assert_allclose(own, theirs[name], rtol=0.0, atol=1e-13, err_msg=name)


@needs_oracle
@every_oracle
def test_momentum_matches_ta_lib_on_recorded_markets(file):
    data = oracle(file)
    np.testing.assert_allclose(rsi(data["close"]), data["rsi_14"], rtol=1e-14)
    names = ("macd_12_26", "macd_signal_9", "macd_hist")
    for own, name in zip(macd(data["close"]), names, strict=True):
        # TA-Lib seeds the fast average 14 candles later; 11/13 of that is left per candle. The
        # rest is rounding of averages near 1e5.
        np.testing.assert_allclose(own[250:], data[name][250:], rtol=0.0, atol=1e-10)
        np.testing.assert_array_equal(np.isnan(own[33:]), np.isnan(data[name][33:]))


@pytest.mark.parametrize("n", [0, 1, 14, 15])
def test_rsi_is_unknown_until_warm(n):
    assert np.flatnonzero(~np.isnan(rsi(random_walk(40).close[:n]))).tolist() == list(range(14, n))


@pytest.mark.parametrize("n", [0, 1, 25, 26, 33, 34])
def test_macd_is_unknown_until_warm(n):
    line, signal, histogram = macd(random_walk(40).close[:n])
    assert np.flatnonzero(~np.isnan(line)).tolist() == list(range(25, n))
    assert np.flatnonzero(~np.isnan(signal)).tolist() == list(range(33, n))
    assert np.flatnonzero(~np.isnan(histogram)).tolist() == list(range(33, n))


@pytest.mark.parametrize(
    ("close", "value"),
    [
        (np.linspace(1.0, 2.0, 40), 100.0),
        (np.linspace(2.0, 1.0, 40), 0.0),
        (np.full(40, 1e-8), 50.0),
        (np.full(40, 1e6), 50.0),
    ],
    ids=["no loss", "no gain", "still and tiny", "still and huge"],
)
def test_rsi_of_a_one_sided_or_still_market_is_defined(close, value):
    assert (rsi(close)[14:] == value).all()


def test_macd_of_a_still_market_is_zero():
    for values in macd(np.full(60, 0.3)):
        np.testing.assert_allclose(values[33:], 0.0, atol=1e-15)


@settings(max_examples=30)
@given(closes, st.integers(1, 20))
def test_rsi_stays_within_its_bounds(close, period):
    warm = rsi(close, period)[period:]
    assert ((warm >= 0.0) & (warm <= 100.0)).all()


@pytest.mark.parametrize("factor", [2.0**-33, 2.0**14])
def test_rsi_does_not_depend_on_the_price_level(factor):
    close = random_walk(300).close
    np.testing.assert_array_equal(rsi(close * factor), rsi(close))


@settings(max_examples=20)
@given(closes, st.integers(0, 80))
def test_momentum_never_looks_ahead(close, n):
    np.testing.assert_array_equal(rsi(close[:n], 5), rsi(close, 5)[:n])
    for then, now in zip(macd(close[:n], 3, 6, 4), macd(close, 3, 6, 4), strict=True):
        np.testing.assert_array_equal(then, now[:n])


def test_impossible_periods_are_rejected():
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        rsi(np.ones(3), 0)
    with pytest.raises(ValueError, match="fast must be below slow, were 26 and 26"):
        macd(np.ones(3), 26, 26)
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        macd(np.ones(3), 0, 26)
