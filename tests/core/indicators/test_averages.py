from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.averages import (
    ema,
    relative_volume,
    rolling_mean,
    rolling_moments,
    rolling_std,
    rolling_sum,
    wilder_mean,
)
from tests.core.indicators.golden import golden
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
)

prices = st.lists(st.floats(0.01, 1e6), min_size=0, max_size=120).map(np.array)
every_average = pytest.mark.parametrize("average", [ema, rolling_mean, wilder_mean])
every_window = pytest.mark.parametrize("of_window", [rolling_sum, rolling_mean, rolling_std])
# Two orders of adding twenty doubles differ by a few units in the last place.
ADDED_ANOTHER_WAY = 1e-14


def test_ema_matches_published_results():
    np.testing.assert_allclose(ema(golden()["close"], 20), golden()["ema_20"], rtol=1e-12)


def test_ema_starts_at_the_plain_mean():
    assert ema(np.array([1.0, 2.0, 6.0]), 3)[-1] == 3.0


def test_ema_of_one_candle_is_the_price():
    close = np.array([3.0, 4.0])
    np.testing.assert_array_equal(ema(close, 1), close)


@needs_published
def test_ema_and_mean_match_published_results_on_all_quotes():
    close = quotes()["close"]
    np.testing.assert_allclose(ema(close, 20), published("ema")["ema"], rtol=1e-14)
    np.testing.assert_allclose(
        rolling_mean(close, 20), published("sma")["sma"], rtol=ADDED_ANOTHER_WAY
    )


@needs_published
def test_deviation_matches_published_results():
    # Their z-score is rounded where the quotes have two decimals: 1e-11 is what both keep.
    mean, deviation = rolling_moments(quotes()["close"], 14)
    theirs = published("stdev")
    np.testing.assert_allclose(deviation, theirs["stdDev"], rtol=1e-11)
    np.testing.assert_allclose(mean, theirs["mean"], rtol=ADDED_ANOTHER_WAY)


@needs_oracle
@every_oracle
def test_averages_match_ta_lib_on_recorded_markets(file):
    data = oracle(file)
    np.testing.assert_array_equal(ema(data["close"], 20), data["ema_20"])
    np.testing.assert_allclose(
        rolling_mean(data["close"], 20), data["sma_20"], rtol=ADDED_ANOTHER_WAY
    )
    # TA-Lib takes the mean square less the squared mean: of the 16 digits of a square of 1e10
    # that leaves it about eleven of the deviation.
    np.testing.assert_allclose(rolling_std(data["close"], 20), data["stddev_20"], rtol=1e-10)


def test_wilder_mean_starts_plain_and_moves_by_a_period_th():
    np.testing.assert_array_equal(
        wilder_mean(np.array([1.0, 3.0, 4.0, 1.0]), 2), [np.nan, 2.0, 3.0, 2.0]
    )


def test_rolling_sum_forgets_an_old_spike_completely():
    values = np.array([1e15, 0.1, 0.2, 0.3])
    assert rolling_sum(values, 3)[-1] == rolling_sum(values[1:], 3)[-1]
    assert rolling_mean(values, 3)[-1] == pytest.approx(0.2, rel=1e-15)


@settings(max_examples=30)
@given(prices, st.integers(1, 40))
def test_rolling_sum_adds_each_window(values, period):
    sums = rolling_sum(values, period)
    expected = [np.nan] * min(period - 1, values.size) + [
        values[i - period + 1 : i + 1].sum() for i in range(period - 1, values.size)
    ]
    np.testing.assert_allclose(sums, expected, rtol=ADDED_ANOTHER_WAY)


@every_window
@settings(max_examples=20)
@given(prices, st.integers(0, 60))
def test_a_window_has_one_answer_wherever_the_series_begins(of_window, values, dropped):
    whole, part = of_window(values, 7), of_window(values[dropped:], 7)
    np.testing.assert_array_equal(part[6:], whole[dropped + 6 :])


@every_window
@pytest.mark.parametrize("n", [0, 1, 6])
def test_a_window_that_is_not_full_has_no_answer(of_window, n):
    values = of_window(np.ones(n), 7)
    assert values.shape == (n,)
    assert np.isnan(values).all()


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e6])
def test_a_deviation_of_a_billionth_of_the_price_keeps_its_digits(level):
    values = level * (1.0 + 1e-9 * np.random.default_rng(3).normal(0.0, 1.0, 60))
    exact = [Fraction(value) for value in values[20:40]]
    mean = sum(exact) / 20
    variance = sum((value - mean) ** 2 for value in exact) / 20
    assert rolling_std(values, 20)[39] == pytest.approx(float(variance) ** 0.5, rel=1e-13)


@pytest.mark.parametrize("value", [0.0, 1e-8, 0.1, 1e6 / 3])
def test_equal_values_have_that_mean_and_no_deviation(value):
    mean, deviation = rolling_moments(np.full(60, value), 13)
    assert (mean[12:] == value).all()
    assert (deviation[12:] == 0.0).all()


def test_an_unknown_value_is_unknown_in_its_windows_alone():
    values = np.arange(10.0)
    values[4] = np.nan
    for of_window in (rolling_sum, rolling_std):
        assert np.flatnonzero(np.isnan(of_window(values, 3))).tolist() == [0, 1, 4, 5, 6]


@every_average
@pytest.mark.parametrize("n", [0, 1, 19])
def test_average_of_short_history_is_all_nan(average, n):
    values = average(np.full(n, 5.0), 20)
    assert values.shape == (n,)
    assert np.isnan(values).all()


@every_average
@settings(max_examples=30)
@given(prices, st.integers(0, 120))
def test_average_never_looks_ahead(average, close, n):
    np.testing.assert_array_equal(average(close[:n], 7), average(close, 7)[:n])


@every_average
@settings(max_examples=30)
@given(prices)
def test_average_stays_between_the_extremes(average, close):
    warm = average(close, 7)[6:]
    if warm.size:
        assert (warm >= close.min() * (1 - 1e-9)).all()
        assert (warm <= close.max() * (1 + 1e-9)).all()


@pytest.mark.parametrize("average", [ema, wilder_mean, rolling_sum, rolling_mean, rolling_std])
def test_average_rejects_a_zero_period(average):
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        average(np.ones(3), 0)


def test_relative_volume_compares_with_the_candles_before():
    volume = np.array([1.0, 3.0, 4.0, 2.0])
    np.testing.assert_array_equal(relative_volume(volume, 2), [np.nan, np.nan, 2.0, 2.0 / 3.5])


def test_relative_volume_is_unknown_where_nothing_was_traded():
    assert np.isnan(relative_volume(np.zeros(5), 2)).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_relative_volume_of_short_history_is_all_nan(n):
    assert np.isnan(relative_volume(np.ones(n), 2)).all()
    assert relative_volume(np.ones(n), 2).shape == (n,)
