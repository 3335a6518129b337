import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.chandelier import CARRIED_CANDLES, chandelier_exit
from tests.builders import random_walk
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
)

WALK = random_walk(600)


def of(market, *params):
    return chandelier_exit(market.high, market.low, market.close, *params)


@needs_published
def test_the_long_stop_matches_published_results():
    data = quotes()
    exits = chandelier_exit(data["high"], data["low"], data["close"], 22, 3.0)
    # The same sums in another order.
    np.testing.assert_allclose(exits.long, published("chexit")["chandelierExit"], rtol=1e-13)


@needs_oracle
@every_oracle
def test_both_stops_are_those_of_ta_lib_on_recorded_candles(file):
    data = oracle(file)
    exits = chandelier_exit(data["high"], data["low"], data["close"], 22, 3.0)
    distance = 3.0 * data["atr_22"]
    np.testing.assert_allclose(exits.long, data["max_high_22"] - distance, rtol=1e-12)
    np.testing.assert_allclose(exits.short, data["min_low_22"] + distance, rtol=1e-12)


def test_the_side_is_that_of_a_plain_walk_through_the_candles():
    exits = of(WALK)
    side, waited, expected = 0, 0, [0]
    for row in range(1, len(WALK)):
        close, stops = WALK.close[row], (exits.long[row - 1], exits.short[row - 1])
        if close > max(stops):
            side, waited = 1, 0
        elif close < min(stops):
            side, waited = -1, 0
        else:
            waited += 1
        expected.append(side if waited < CARRIED_CANDLES else 0)
    assert exits.direction.tolist() == expected
    assert {1, -1} <= set(expected)


def test_where_the_stops_have_not_crossed_a_close_through_the_other_stop_turns():
    exits = of(WALK)
    apart = exits.long[:-1] < exits.short[:-1]
    close, now = WALK.close[1:], exits.direction[1:]
    assert (now[apart & (close > exits.short[:-1])] == 1).all()
    assert (now[apart & (close < exits.long[:-1])] == -1).all()


def test_a_side_that_nothing_confirms_is_given_up():
    close = np.concatenate((np.linspace(100.0, 130.0, 80), np.full(400, 130.0)))
    exits = chandelier_exit(close + 0.5, close - 0.5, close)
    last = 80 + 22 - 1  # the window of the lows has just left the rise
    assert exits.direction[last] == 1
    assert (exits.direction[last + CARRIED_CANDLES :] == 0).all()


@pytest.mark.parametrize("n", [0, 1, 22, 23])
def test_the_stops_are_unknown_until_warm(n):
    exits = of(WALK.head(n))
    assert exits.long.shape == exits.short.shape == exits.direction.shape == (n,)
    assert np.isnan(exits.long[:22]).all()
    assert (exits.direction[:22] == 0).all()
    assert np.isfinite(exits.long[22:]).all()


@pytest.mark.parametrize("price", [1e-8, 1.0, 1e6])
def test_a_flat_market_has_its_price_for_a_stop_and_no_side(price):
    flat = np.full(60, price)
    exits = chandelier_exit(flat, flat, flat)
    assert (exits.long[22:] == price).all()
    assert (exits.short[22:] == price).all()
    assert (exits.direction == 0).all()


@settings(max_examples=15)
@given(st.integers(0, 300), st.integers(1, 9))
def test_the_stops_never_look_ahead(n, seed):
    market = random_walk(300, seed=seed)
    then, now = of(market.head(n)), of(market)
    np.testing.assert_array_equal(then.long, now.long[:n])
    np.testing.assert_array_equal(then.short, now.short[:n])
    np.testing.assert_array_equal(then.direction, now.direction[:n])


def test_a_market_turned_upside_down_has_the_stops_turned_over():
    exits = of(WALK)
    mirrored = chandelier_exit(-WALK.low, -WALK.high, -WALK.close)
    np.testing.assert_array_equal(mirrored.long, -exits.short)
    np.testing.assert_array_equal(mirrored.direction, -exits.direction)


def test_nothing_that_is_not_a_number_raises_or_warns():
    absent = np.full(60, np.nan)
    assert np.isnan(chandelier_exit(absent, absent, absent).long).all()
    assert (chandelier_exit(absent, absent, absent).direction == 0).all()


@pytest.mark.parametrize(
    ("period", "multiplier", "message"),
    [
        (1, 3.0, "period must be at least 2, was 1"),
        (22, 0.0, "multiplier must be positive, was 0"),
        (22, float("nan"), "multiplier must be positive, was nan"),
    ],
)
def test_impossible_parameters_are_rejected(period, multiplier, message):
    with pytest.raises(ValueError, match=message):
        of(WALK, period, multiplier)
