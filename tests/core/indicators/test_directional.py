import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.directional import (
    adx,
    directional_indicators,
    efficiency_ratio,
    signed_efficiency,
)
from tests.builders import random_walk
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
)

closes = st.lists(st.floats(0.01, 1e6), min_size=0, max_size=80).map(np.array)


def prices(data):
    return data["high"], data["low"], data["close"]


def of(market):
    return market.high, market.low, market.close


@needs_published
@pytest.mark.parametrize(
    ("since", "points"),
    [(27, 1.0), (100, 0.02), (200, 2e-5), (300, 2e-8), (450, 1e-12)],
)
def test_adx_matches_published_results_as_its_seed_is_forgotten(since, points):
    # TA-Lib's first movement lacks one value; what is left of that falls by 13/14 a candle.
    ours, theirs = adx(*prices(quotes())), published("adx")["adx"]
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs))
    np.testing.assert_allclose(ours[since:], theirs[since:], rtol=0.0, atol=points)


@needs_published
@pytest.mark.parametrize(("since", "points"), [(14, 0.7), (200, 2e-6), (450, 1e-13)])
def test_directional_indicators_match_published_results_likewise(since, points):
    ours, theirs = directional_indicators(*prices(quotes())), published("adx")
    for own, their in zip(ours, (theirs["pdi"], theirs["mdi"]), strict=True):
        np.testing.assert_array_equal(np.isnan(own), np.isnan(their))
        np.testing.assert_allclose(own[since:], their[since:], rtol=0.0, atol=points)


@needs_oracle
@every_oracle
def test_directional_movement_matches_ta_lib_on_recorded_markets(file):
    data = oracle(file)
    up, down = directional_indicators(*prices(data))
    np.testing.assert_array_equal(adx(*prices(data)), data["adx_14"])
    np.testing.assert_array_equal(up, data["plus_di_14"])
    np.testing.assert_array_equal(down, data["minus_di_14"])


@pytest.mark.parametrize("n", [0, 1, 14, 27, 28])
def test_directional_movement_is_unknown_until_warm(n):
    market = random_walk(60).head(n)
    strength, (up, down) = adx(*of(market)), directional_indicators(*of(market))
    assert strength.shape == up.shape == down.shape == (n,)
    assert np.flatnonzero(~np.isnan(strength)).tolist() == list(range(27, n))
    assert np.flatnonzero(~np.isnan(up + down)).tolist() == list(range(14, n))


def test_a_market_that_never_moved_has_no_trend():
    flat = np.full(60, 7.0)
    assert (adx(flat, flat, flat)[27:] == 0.0).all()


def test_a_market_that_stops_moving_keeps_its_last_adx():
    market = random_walk(100)
    still = [np.concatenate((column, np.full(900, column[-1]))) for column in of(market)]
    strength = adx(*still)
    assert np.isfinite(strength[27:]).all()
    np.testing.assert_allclose(strength[500:], strength[500], rtol=1e-9)


def test_a_market_that_only_rises_has_all_of_its_range_upwards():
    low = np.arange(1.0, 61.0)
    up, down = directional_indicators(low + 1.0, low, low + 1.0)
    np.testing.assert_allclose(up[14:], 100.0, rtol=1e-12)
    assert (down[14:] == 0.0).all()
    np.testing.assert_allclose(adx(low + 1.0, low, low + 1.0)[27:], 100.0, rtol=1e-12)


@pytest.mark.parametrize("factor", [2.0**-33, 2.0**14])
def test_directional_movement_does_not_depend_on_the_price_level(factor):
    market = random_walk(300)
    scaled = [column * factor for column in of(market)]
    np.testing.assert_array_equal(adx(*scaled), adx(*of(market)))


@settings(max_examples=20)
@given(st.integers(0, 120), st.integers(1, 9))
def test_adx_never_looks_ahead(n, seed):
    market = random_walk(120, seed=seed)
    np.testing.assert_array_equal(adx(*of(market.head(n))), adx(*of(market))[:n])


def test_efficiency_is_net_change_over_the_way():
    close = np.array([10.0, 12.0, 11.0, 13.0, 10.0])
    np.testing.assert_array_equal(
        signed_efficiency(close, 3), [np.nan, np.nan, np.nan, 3.0 / 5.0, -2.0 / 6.0]
    )
    np.testing.assert_array_equal(
        efficiency_ratio(close, 3), [np.nan, np.nan, np.nan, 3.0 / 5.0, 2.0 / 6.0]
    )


def test_a_straight_line_is_efficient_and_stillness_is_not():
    line = np.linspace(1.0, 2.0, 40)
    np.testing.assert_allclose(signed_efficiency(line)[10:], 1.0, rtol=1e-12)
    np.testing.assert_allclose(signed_efficiency(line[::-1])[10:], -1.0, rtol=1e-12)
    assert (signed_efficiency(np.full(40, 1e-8))[10:] == 0.0).all()


@settings(max_examples=30)
@given(closes, st.integers(1, 20))
def test_efficiency_stays_within_one(close, period):
    warm = signed_efficiency(close, period)[period:]
    assert (np.abs(warm) <= 1.0).all()
    assert np.isnan(signed_efficiency(close, period)[:period]).all()


@settings(max_examples=20)
@given(closes, st.integers(0, 60))
def test_efficiency_has_one_answer_wherever_the_series_begins(close, dropped):
    whole, part = signed_efficiency(close, 6), signed_efficiency(close[dropped:], 6)
    np.testing.assert_array_equal(part[6:], whole[dropped + 6 :])


def test_impossible_periods_are_rejected():
    market = random_walk(40)
    for indicator in (adx, directional_indicators):
        with pytest.raises(ValueError, match="period must be at least 2, was 1"):
            indicator(*of(market), 1)
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        signed_efficiency(market.close, 0)
