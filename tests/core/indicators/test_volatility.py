import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.volatility import atr, true_range
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


def test_atr_matches_published_results():
    data = golden()
    ours = atr(data["high"], data["low"], data["close"], 14)
    np.testing.assert_allclose(ours, data["atr_14"], rtol=1e-12)


def prices(data):
    return data["high"], data["low"], data["close"]


@needs_published
def test_range_and_atr_match_published_results_on_all_quotes():
    # The same operations in the same order, but for a factor of 1/14 in place of a division.
    np.testing.assert_allclose(true_range(*prices(quotes())), published("tr")["tr"], rtol=1e-15)
    np.testing.assert_allclose(atr(*prices(quotes()), 14), published("atr")["atr"], rtol=1e-14)


@needs_published
def test_atr_matches_a_calculation_by_hand():
    sheet = workbook("Atr.Calc.xlsx")  # D, E, F: high, low, close; K, L: true range and its mean
    market = (sheet["D"], sheet["E"], sheet["F"])
    np.testing.assert_allclose(true_range(*market), sheet["K"], rtol=1e-14)
    ours = atr(*market, 14)
    assert np.isfinite(sheet["L"]).sum() == 488
    np.testing.assert_allclose(ours, sheet["L"], rtol=1e-13)


@needs_oracle
@every_oracle
def test_ranges_match_ta_lib_on_recorded_markets(file):
    data = oracle(file)
    np.testing.assert_array_equal(true_range(*prices(data)), data["tr"])
    np.testing.assert_array_equal(atr(*prices(data), 22), data["atr_22"])


@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_first_candle_has_no_true_range(n):
    market = random_walk(5).head(n)
    assert np.isnan(true_range(market.high, market.low, market.close)).tolist() == [True, False][:n]


@pytest.mark.parametrize("n", [0, 1, 14])
@pytest.mark.parametrize("period", [1, 14])
def test_atr_is_nan_until_warm(n, period):
    market = random_walk(40).head(n)
    values = atr(market.high, market.low, market.close, period)
    assert values.shape == (n,)
    assert np.isnan(values[:period]).all()
    assert not np.isnan(values[period:]).any()


def test_atr_of_a_flat_market_is_zero():
    flat = np.full(30, 7.0)
    assert (atr(flat, flat, flat)[14:] == 0.0).all()


@settings(max_examples=30)
@given(st.integers(0, 90), st.integers(1, 9))
def test_atr_never_looks_ahead(n, seed):
    market = random_walk(90, seed=seed)
    then = market.head(n)
    np.testing.assert_array_equal(
        atr(then.high, then.low, then.close), atr(market.high, market.low, market.close)[:n]
    )


def test_atr_counts_a_gap_between_candles():
    high, low, close = np.array([10.0, 20.0]), np.array([9.0, 19.0]), np.array([9.5, 19.5])
    assert atr(high, low, close, 1)[-1] == 10.5


def test_atr_rejects_a_zero_period():
    with pytest.raises(ValueError, match="period must be at least 1, was 0"):
        atr(np.ones(3), np.ones(3), np.ones(3), 0)
