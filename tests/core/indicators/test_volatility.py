import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.indicators.volatility import atr
from tests.builders import random_walk
from tests.core.indicators.golden import golden


def test_atr_matches_published_results():
    data = golden()
    ours = atr(data["high"], data["low"], data["close"], 14)
    np.testing.assert_allclose(ours, data["atr_14"], rtol=1e-12)


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
