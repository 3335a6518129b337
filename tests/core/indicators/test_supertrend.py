import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.indicators.supertrend import supertrend
from tests.builders import random_walk
from tests.core.indicators.golden import golden
from tests.core.indicators.published import (
    every_oracle,
    needs_oracle,
    needs_published,
    oracle,
    published,
    quotes,
    workbook,
)


def of(market, *params):
    return supertrend(market.high, market.low, market.close, *params)


def test_supertrend_matches_published_results():
    data = golden()
    value, direction = supertrend(data["high"], data["low"], data["close"], 10, 3.0)
    np.testing.assert_allclose(value, data["supertrend"], rtol=1e-11)
    np.testing.assert_array_equal(direction, data["direction"])


@needs_published
def test_all_of_the_published_results_are_matched_with_both_bands():
    data, answer = quotes(), published("supertrend")
    value, direction = supertrend(data["high"], data["low"], data["close"], 10, 3.0)
    np.testing.assert_allclose(value, answer["superTrend"], rtol=1e-12)
    np.testing.assert_array_equal(direction > 0, np.isfinite(answer["lowerBand"]))
    np.testing.assert_array_equal(direction < 0, np.isfinite(answer["upperBand"]))


@needs_published
@pytest.mark.parametrize(
    ("sheet", "name", "period", "from_row"),
    # The workbook begins on the side of the middle where the first candle closes, below it for
    # bitcoin, where TA-Lib begins above; from the first flip on they agree.
    [(1, "default", 14, 0), (2, "bitcoin", 10, 27)],
)
def test_supertrend_matches_a_hand_calculation(sheet, name, period, from_row):
    data, cells = quotes(name), workbook("SuperTrend.Calc.xlsx", sheet)
    np.testing.assert_array_equal(cells["F"], data["close"])
    value, direction = supertrend(data["high"], data["low"], data["close"], period, 3.0)
    np.testing.assert_allclose(value[from_row:], cells["T"][from_row:], rtol=1e-12)
    upper = np.isfinite(cells["R"][from_row:])
    np.testing.assert_array_equal(direction[from_row:] < 0, upper)


@needs_oracle
@every_oracle
def test_supertrend_is_what_talipp_makes_of_it_once_both_have_warmed_up(file):
    data = oracle(file)
    value, direction = supertrend(data["high"], data["low"], data["close"], 10, 3.0)
    # talipp begins one candle earlier; 24 periods later nothing is left of that.
    np.testing.assert_allclose(value[240:], data["tp_supertrend_10_3"][240:], rtol=1e-10)
    np.testing.assert_array_equal(direction[240:], data["tp_supertrend_dir"][240:])


@pytest.mark.parametrize("n", [0, 1, 3, 10, 11])
def test_supertrend_is_unknown_until_warm(n):
    value, direction = of(random_walk(40).head(n))
    assert value.shape == direction.shape == (n,)
    assert np.isnan(value[:10]).all()
    assert (direction[:10] == 0).all()
    assert not np.isnan(value[10:]).any()


def test_supertrend_of_a_flat_market_is_its_price():
    flat = np.full(30, 7.0)
    value, direction = supertrend(flat, flat, flat)
    assert (value[10:] == 7.0).all()
    assert np.abs(direction[10:]).tolist() == [1] * 20


@given(st.integers(0, 200), st.integers(1, 9))
def test_supertrend_never_looks_ahead(n, seed):
    market = random_walk(200, seed=seed)
    for then, now in zip(of(market.head(n)), of(market), strict=True):
        np.testing.assert_array_equal(then, now[:n])


@given(st.integers(1, 50))
def test_price_is_on_the_side_that_the_direction_says(seed):
    market = random_walk(300, seed=seed)
    value, direction = of(market)
    assert (direction[10:] * (market.close[10:] - value[10:]) >= 0).all()


@given(st.integers(1, 50))
def test_supertrend_only_moves_towards_price_between_flips(seed):
    value, direction = of(random_walk(300, seed=seed))
    same = direction[11:] == direction[10:-1]
    step = np.diff(value[10:]) * direction[11:]
    assert (step[same] >= 0).all()


@pytest.mark.parametrize("factor", [2.0**-40, 2.0**40])
def test_supertrend_scales_with_price(factor):
    market = random_walk(300)
    value, direction = of(market)
    scaled, same = supertrend(*(x * factor for x in (market.high, market.low, market.close)))
    np.testing.assert_allclose(scaled, value * factor, rtol=1e-12)
    np.testing.assert_array_equal(same, direction)


@pytest.mark.parametrize(
    ("period", "multiplier", "message"),
    [
        (1, 3.0, "period must be at least 2, was 1"),
        (10, 0.0, "multiplier must be positive, was 0"),
        (10, float("nan"), "multiplier must be positive, was nan"),
    ],
)
def test_supertrend_rejects_impossible_parameters(period, multiplier, message):
    with pytest.raises(ValueError, match=message):
        of(random_walk(20), period, multiplier)
