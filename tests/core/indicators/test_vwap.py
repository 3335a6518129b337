import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.vwap import session_vwap, typical_price
from tests.core.indicators.published import needs_published, published, quotes

prices = st.lists(st.floats(0.5, 2.0), min_size=1, max_size=40)


@needs_published
def test_vwap_of_one_session_matches_published_results():
    bars = quotes()
    price = typical_price(bars["high"], bars["low"], bars["close"])
    mean, _ = session_vwap(price, bars["volume"])
    # Both are sums of 502 doubles, in another order of operations.
    np.testing.assert_allclose(mean, published("vwap")["vwap"], rtol=1e-13)


def test_mean_and_deviation_of_a_worked_example():
    mean, deviation = session_vwap(np.array([10.0, 13.0, 10.0]), np.array([2.0, 1.0, 3.0]))
    np.testing.assert_allclose(mean, [10.0, 11.0, 10.5])
    np.testing.assert_allclose(deviation, [0.0, np.sqrt(2.0), np.sqrt(1.25)])


@settings(max_examples=30)
@given(prices, st.sampled_from([1e-8, 1.0, 1e6]), st.integers(1, 2**31))
def test_deviation_agrees_with_the_definition_at_any_price(moves, price, seed):
    volume = np.random.default_rng(seed).uniform(0.1, 10.0, len(moves))
    levels = price * (1.0 + 1e-6 * np.array(moves))
    mean, deviation = session_vwap(levels, volume)
    exact = np.average(np.array(moves), weights=volume)
    spread = np.sqrt(np.average((np.array(moves) - exact) ** 2, weights=volume))
    # Moves of a millionth of the price keep ten digits of it, so deviations are good to 1e-9.
    assert mean[-1] == pytest.approx(price * (1.0 + 1e-6 * exact), rel=1e-13)
    assert deviation[-1] == pytest.approx(price * 1e-6 * spread, abs=price * 1e-6 * 1e-9)


def test_a_price_that_stands_still_has_no_deviation():
    _, deviation = session_vwap(np.full(50, 1e6 + 0.1), np.linspace(0.1, 7.0, 50))
    assert (deviation == 0.0).all()


def test_nothing_is_known_until_something_was_traded():
    mean, deviation = session_vwap(np.array([5.0, 6.0, 7.0]), np.array([0.0, 2.0, 0.0]))
    np.testing.assert_array_equal(mean, [np.nan, 6.0, 6.0])
    np.testing.assert_array_equal(deviation, [np.nan, 0.0, 0.0])


def test_a_session_that_traded_nothing_has_no_mean():
    mean, deviation = session_vwap(np.full(3, 5.0), np.zeros(3))
    assert np.isnan(mean).all()
    assert np.isnan(deviation).all()


def test_sessions_do_not_know_of_each_other():
    price, volume = np.random.default_rng(2).uniform(1.0, 2.0, (2, 3, 20))
    mean, deviation = session_vwap(price, volume)
    for day in range(3):
        alone = session_vwap(price[day], volume[day])
        np.testing.assert_array_equal((mean[day], deviation[day]), alone)


@settings(max_examples=20)
@given(prices, st.integers(1, 40))
def test_vwap_never_looks_ahead(moves, n):
    price, volume = np.array(moves), np.linspace(1.0, 2.0, len(moves))
    mean, deviation = session_vwap(price, volume)
    part = session_vwap(price[:n], volume[:n])
    np.testing.assert_array_equal(part, (mean[:n], deviation[:n]))
