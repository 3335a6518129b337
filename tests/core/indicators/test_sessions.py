import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.sessions import bars_per_day, sessions
from core.model.intervals import Interval
from tests.builders import START_MS

HOUR_MS = Interval.H1.duration_ms


def hours(*numbers):
    """Open times of hours counted from a UTC midnight."""
    return START_MS + np.array(numbers, dtype=np.int64) * HOUR_MS


def sums(times, values):
    return sessions(times, Interval.H1).running_sum(np.array(values, dtype=float))


def test_a_day_has_as_many_bars_as_fit():
    assert [bars_per_day(i) for i in Interval] == [1440, 288, 96, 24, 6, 1]


def test_a_sum_begins_anew_at_midnight():
    total = sums(hours(*range(26)), np.ones(26))
    assert total.tolist() == [*range(1, 25), 1.0, 2.0]


def test_the_day_in_which_a_series_begins_is_unknown_unless_its_first_bar_is_there():
    total = sums(hours(22, 23, 24, 25), [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(total, [np.nan, np.nan, 3.0, 7.0])


def test_after_a_hole_nothing_is_known_until_the_next_midnight():
    total = sums(hours(0, 1, 3, 23, 24, 26, 48), np.ones(7))
    np.testing.assert_array_equal(total, [1.0, 2.0, np.nan, np.nan, 1.0, np.nan, 1.0])


def test_a_day_whose_first_bar_is_missing_is_unknown():
    total = sums(hours(0, 25, 26, 48), np.ones(4))
    np.testing.assert_array_equal(total, [1.0, np.nan, np.nan, 1.0])


def test_a_value_that_is_not_known_spoils_the_rest_of_its_day_only():
    total = sums(hours(22, 23, 24, 25, 26, *range(27, 49)), [1, 1, 1, np.nan, *[1] * 23])
    assert np.isnan(total[:2]).all()
    assert total[2] == 1.0
    assert np.isnan(total[3:-1]).all()
    assert total[-1] == 1.0


def test_each_bar_of_a_daily_series_is_its_own_session():
    times = START_MS + np.arange(3) * Interval.D1.duration_ms
    total = sessions(times, Interval.D1).running_sum(np.array([1.0, 2.0, 3.0]))
    assert total.tolist() == [1.0, 2.0, 3.0]


def test_no_bars_have_no_sums():
    assert sums(hours(), []).shape == (0,)


def test_bars_half_a_century_apart_need_no_room_for_the_time_between():
    far = np.array([START_MS, START_MS + 50 * 365 * 24 * HOUR_MS], dtype=np.int64)
    days = sessions(far, Interval.M1)
    assert days.days == 2
    assert days.running_sum(np.ones(2)).tolist() == [1.0, 1.0]


@settings(max_examples=25)
@given(st.sets(st.integers(0, 80), max_size=60), st.integers(0, 60))
def test_sums_agree_with_counting_by_hand_wherever_the_series_ends(present, n):
    times = hours(*sorted(present))
    values = np.random.default_rng(1).normal(size=times.size)
    whole = sums(times, values)
    for row, time in enumerate(times):
        day = (time - START_MS) // (24 * HOUR_MS)
        of_day = [r for r in range(row + 1) if (times[r] - START_MS) // (24 * HOUR_MS) == day]
        complete = len(of_day) == (time - START_MS) // HOUR_MS % 24 + 1
        assert np.isnan(whole[row]) != complete
        if complete:
            assert whole[row] == pytest.approx(values[of_day].sum(), abs=1e-12)
    np.testing.assert_array_equal(sums(times[:n], values[:n]), whole[:n])
