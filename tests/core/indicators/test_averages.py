import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.indicators.averages import ema, relative_volume, rolling_mean
from tests.core.indicators.golden import golden

prices = st.lists(st.floats(0.01, 1e6), min_size=0, max_size=120).map(np.array)
every_average = pytest.mark.parametrize("average", [ema, rolling_mean])


def test_ema_matches_published_results():
    np.testing.assert_allclose(ema(golden()["close"], 20), golden()["ema_20"], rtol=1e-12)


def test_ema_starts_at_the_plain_mean():
    assert ema(np.array([1.0, 2.0, 6.0]), 3)[-1] == 3.0


def test_ema_of_one_candle_is_the_price():
    close = np.array([3.0, 4.0])
    np.testing.assert_array_equal(ema(close, 1), close)


def test_rolling_mean_forgets_an_old_spike_completely():
    values = np.array([1e15, 0.1, 0.2, 0.3])
    assert rolling_mean(values, 3)[-1] == np.mean([0.1, 0.2, 0.3])


@every_average
@pytest.mark.parametrize("n", [0, 1, 19])
def test_average_of_short_history_is_all_nan(average, n):
    values = average(np.full(n, 5.0), 20)
    assert values.shape == (n,)
    assert np.isnan(values).all()


@every_average
@given(prices, st.integers(0, 120))
def test_average_never_looks_ahead(average, close, n):
    np.testing.assert_array_equal(average(close[:n], 7), average(close, 7)[:n])


@every_average
@given(prices)
def test_average_stays_between_the_extremes(average, close):
    warm = average(close, 7)[6:]
    if warm.size:
        assert (warm >= close.min() * (1 - 1e-9)).all()
        assert (warm <= close.max() * (1 + 1e-9)).all()


@every_average
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
