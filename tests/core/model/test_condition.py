"""Conditions that a machine can check, and people can read."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.condition import Condition, Side
from core.model.intervals import Interval


@settings(max_examples=60)
@given(
    st.sampled_from(Side),
    st.floats(1e-9, 1e9).map(lambda price: float(f"{price:.10g}")),
    st.sampled_from(Interval),
)
def test_what_is_printed_is_read_back(side, price, interval):
    condition = Condition(side, price, interval)
    assert Condition.parse(str(condition), Interval.D1) == condition


def test_it_prints_as_people_write_it():
    assert str(Condition(Side.BELOW, 64_120.0, Interval.M15)) == "close below 64,120 on 15m"
    assert str(Condition(Side.ABOVE, 0.00001234, Interval.M1)) == "close above 0.00001234 on 1m"


def test_the_interval_may_be_left_out():
    assert Condition.parse(" Close below 63410 ", Interval.H1) == Condition(
        Side.BELOW, 63_410.0, Interval.H1
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "close under 10",
        "close below",
        "close below ten",
        "close below 10 on 2m",
        "close below -10",
        "close below 0",
        "close below 1e5",
        "close below 10 and rsi above 70",
        "close below 1" + "0" * 400,
        "close below \u0661\u0660",
    ],
)
def test_anything_else_is_no_condition(text):
    assert Condition.parse(text, Interval.M15) is None


def test_only_a_close_beyond_the_price_meets_it():
    below = Condition(Side.BELOW, 100.0, Interval.M15)
    assert (below.met(99.9), below.met(100.0), below.met(100.1)) == (True, False, False)
    above = Condition(Side.ABOVE, 100.0, Interval.M15)
    assert (above.met(99.9), above.met(100.0), above.met(100.1)) == (False, False, True)


@pytest.mark.parametrize("price", [0.0, -1.0, math.inf, math.nan])
def test_a_price_that_is_none_is_refused(price):
    with pytest.raises(ValueError, match="a close cannot be"):
        Condition(Side.BELOW, price, Interval.M15)
