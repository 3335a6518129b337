import csv
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.indicators.swings import swing_highs, swing_lows

SMC = REPOSITORY.parent / "shared" / "data" / "smc"
# Few distinct prices, so that equal highs are common.
prices = st.lists(st.integers(1, 5), max_size=40).map(lambda rows: np.array(rows, dtype=float))
strengths = st.integers(1, 6)


def plainly(high, strength):
    """The definition, one candle at a time."""
    return [
        i
        for i in range(strength, len(high) - strength)
        if high[i] > max(high[i - strength : i]) and high[i] >= max(high[i + 1 : i + strength + 1])
    ]


@settings(max_examples=60)
@given(prices, strengths)
def test_swing_highs_are_those_of_the_definition(high, strength):
    assert swing_highs(high, strength).tolist() == plainly(high, strength)


@settings(max_examples=30)
@given(prices, strengths)
def test_swing_lows_are_swing_highs_upside_down(low, strength):
    assert swing_lows(low, strength).tolist() == plainly(-low, strength)


@settings(max_examples=40)
@given(prices, strengths, st.integers(0, 40))
def test_later_candles_only_add_swings(high, strength, n):
    then = swing_highs(high[:n], strength).tolist()
    now = swing_highs(high, strength).tolist()
    assert then == [row for row in now if row + strength < min(n, len(high))]


def test_of_equal_highs_the_first_is_the_swing():
    high = np.array([1.0, 2.0, 5.0, 3.0, 5.0, 2.0, 1.0])
    assert swing_highs(high, 2).tolist() == [2]


def test_a_flat_market_has_no_swings():
    assert swing_highs(np.full(50, 1e-8), 3).size == 0
    assert swing_lows(np.full(50, 1e6), 3).size == 0


def test_nothing_stands_out_beside_a_price_that_is_not_known():
    high = np.array([1.0, 2.0, np.nan, 2.0, 3.0, 1.0, 1.0])
    assert swing_highs(high, 1).tolist() == [4]
    assert swing_highs(high, 2).size == 0


@pytest.mark.parametrize("n", range(7))
def test_fewer_candles_than_a_swing_needs_give_none(n):
    assert swing_highs(np.arange(n, dtype=float), 3).size == 0


def test_a_strength_below_one_is_rejected():
    with pytest.raises(ValueError, match="strength must be at least 1, was 0"):
        swing_highs(np.ones(5), 0)


@pytest.mark.skipif(not SMC.is_dir(), reason="the shared data set is not beside this checkout")
def test_published_swings_are_ours_but_for_where_their_window_ends():
    """
    The publisher looks at four candles before and five after, and equal ones count.

    It then keeps the most extreme of swings in a row on one side, which later candles decide.
    So theirs are ours unless the fifth candle before, or an equal one before, denies it.
    Ours is known five candles later; theirs carries no such time.
    """
    published = columns("swing_highs_lows_result_data.csv.gz", "HighLow", "Level")
    market = columns("EURUSD_15M.csv.gz", "High", "Low")
    for sign, values, ours in (
        (1.0, market["High"], swing_highs(market["High"], 5)),
        (-1.0, -market["Low"], swing_lows(market["Low"], 5)),
    ):
        theirs = np.flatnonzero(published["HighLow"] == sign)
        theirs = theirs[(theirs >= 5) & (theirs < values.size - 5)]
        np.testing.assert_array_equal(published["Level"][theirs], sign * values[theirs])
        both = np.intersect1d(theirs, ours)
        assert both.size > 0.9 * theirs.size
        before = np.lib.stride_tricks.sliding_window_view(values, 5)
        for row in np.setdiff1d(theirs, ours):
            assert before[row - 5].max() >= values[row]


def columns(file, *names):
    with gzip.open(SMC / file, "rt") as text:
        rows = list(csv.DictReader(text))
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in names}
