import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.range_extremes import NEVER, RangeMaxima

LONGEST = 11
numbers = st.one_of(st.integers(-4, 4).map(float), st.just(float("nan")))
arrays = st.lists(numbers, max_size=40).map(lambda rows: np.array(rows, dtype=float))
questions = st.lists(
    st.tuples(st.integers(0, 45), numbers, st.integers(0, LONGEST)), min_size=1, max_size=12
)


def first_plainly(values, start, level, horizon):
    for row in range(start, min(start + horizon, len(values))):
        if values[row] > level:
            return row
    return NEVER


def asked(questions):
    start, level, horizon = zip(*questions, strict=True)
    return np.array(start), np.array(level), np.array(horizon)


@settings(max_examples=80)
@given(arrays, questions)
def test_the_first_row_above_is_that_of_a_plain_search(values, questions):
    start, level, horizon = asked(questions)
    found = RangeMaxima(values, LONGEST).first_above(start, level, horizon)
    assert found.tolist() == [first_plainly(values, *question) for question in questions]


@settings(max_examples=40)
@given(arrays, questions, st.integers(0, 40))
def test_what_was_found_stays_when_more_values_follow(values, questions, n):
    start, level, horizon = asked(questions)
    now = RangeMaxima(values, LONGEST).first_above(start, level, horizon)
    then = RangeMaxima(values[:n], LONGEST).first_above(start, level, horizon)
    np.testing.assert_array_equal(then, np.where(now < n, now, NEVER))


@settings(max_examples=60)
@given(arrays, st.lists(st.tuples(st.integers(0, 40), st.integers(0, LONGEST)), min_size=1))
def test_the_extremes_of_a_stretch_are_those_of_its_values(values, stretches):
    first = np.array([min(start, len(values)) for start, _ in stretches])
    stop = np.minimum(first + [length for _, length in stretches], len(values))
    parts = [values[a:b][~np.isnan(values[a:b])] for a, b in zip(first, stop, strict=True)]
    assert RangeMaxima(values, LONGEST).over(first, stop).tolist() == [
        max(part, default=-np.inf) for part in parts
    ]


def test_a_question_leaves_its_rows_as_they_were():
    start = np.array([0, 1])
    RangeMaxima(np.arange(9.0), 8).first_above(start, np.array([5.0, 7.5]), 8)
    assert start.tolist() == [0, 1]


def test_more_than_the_table_was_built_for_is_refused():
    maxima = RangeMaxima(np.arange(9.0), 4)
    row = np.array([0])
    with pytest.raises(ValueError, match="horizon of 5 rows, built for 4"):
        maxima.first_above(row, np.array([1.0]), 5)
    with pytest.raises(ValueError, match="stretch of 5 rows, built for 4"):
        maxima.over(row, row + 5)
    with pytest.raises(ValueError, match="longest must be at least 1, was 0"):
        RangeMaxima(np.arange(9.0), 0)
