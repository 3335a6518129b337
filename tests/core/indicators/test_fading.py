import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.averages import wilder_mean
from core.indicators.fading import fading_reach, fading_sum, fading_weight, last_word
from tests.builders import random_walk

CLOSE = random_walk(900).close
said = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), max_size=60).map(
    lambda words: np.array(words, dtype=np.uint8)
)


@pytest.mark.parametrize(("period", "reach"), [(2, 32), (14, 128), (15, 256), (28, 256)])
def test_the_reach_is_the_power_of_two_from_nine_periods_on(period, reach):
    assert fading_reach(period) == reach


def test_a_fading_mean_is_wilders_but_for_what_is_too_old_to_matter():
    mean = fading_sum(CLOSE.copy(), 14) / fading_weight(CLOSE.size, 14)
    np.testing.assert_allclose(mean[600:], wilder_mean(CLOSE, 14)[600:], rtol=1e-4)


@pytest.mark.parametrize("period", [2, 5, 14])
def test_a_fading_sum_is_that_of_its_definition(period):
    ages = np.arange(fading_reach(period))
    weights = (1.0 - 1.0 / period) ** ages
    sums, weight = fading_sum(CLOSE.copy(), period), fading_weight(CLOSE.size, period)
    for row in (0, 1, 2, 30, 127, 500):
        newest_first = CLOSE[max(row - ages.size + 1, 0) : row + 1][::-1]
        used = weights[: newest_first.size]
        np.testing.assert_allclose(sums[row], np.dot(newest_first, used), rtol=1e-12)
        np.testing.assert_allclose(weight[row], used.sum(), rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 700))
def test_a_fading_sum_is_the_same_to_the_bit_wherever_the_series_begins(start):
    reach = fading_reach(14)
    part = fading_sum(CLOSE[start:].copy(), 14)[reach - 1 :]
    np.testing.assert_array_equal(part, fading_sum(CLOSE.copy(), 14)[start + reach - 1 :])


def test_an_old_spike_is_forgotten_completely():
    values = np.zeros(200)
    values[10] = 1e300
    sums = fading_sum(values, 14)
    assert sums[137] > 0.0
    assert (sums[138:] == 0.0).all()


def test_a_fading_sum_needs_two_candles():
    with pytest.raises(ValueError, match="period must be at least 2, was 1"):
        fading_sum(np.ones(3), 1)


@settings(max_examples=60)
@given(said, st.sampled_from([1, 2, 8]))
def test_the_last_word_is_the_newest_of_the_newest_few(words, memory):
    expected = [
        next((w for w in words[max(row - memory + 1, 0) : row + 1][::-1] if w), 0)
        for row in range(words.size)
    ]
    assert last_word(words, memory).tolist() == expected
