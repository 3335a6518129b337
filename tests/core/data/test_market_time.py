from hypothesis import given
from hypothesis import strategies as st

from core.data.market_time import LEAP_MS, MarketTime
from core.model.intervals import Interval
from tests.builders import START_MS

DAY_MS = Interval.D1.duration_ms


def test_the_newest_event_time_counts_in_whatever_order_events_come():
    time = MarketTime()
    assert time.newest_ms is None
    assert all(time.told(START_MS + offset) for offset in (0, 500, 250))
    assert time.newest_ms == START_MS + 500


def test_one_frame_from_the_future_moves_nothing():
    time = MarketTime()
    time.told(START_MS)
    for leap_ms in (LEAP_MS + 1, 23 * LEAP_MS, 30 * DAY_MS):
        assert not time.told(START_MS + leap_ms)
        assert time.told(START_MS + 1)
    assert time.newest_ms == START_MS + 1


def test_time_that_has_moved_on_for_days_is_believed_when_the_next_frame_agrees():
    time = MarketTime()
    time.told(START_MS)
    time.connected()
    assert not time.told(START_MS + 3 * DAY_MS)
    assert time.told(START_MS + 3 * DAY_MS + 250)
    assert time.newest_ms == START_MS + 3 * DAY_MS + 250


def test_two_damaged_frames_that_contradict_each_other_are_not_believed():
    time = MarketTime()
    time.told(START_MS)
    assert not time.told(START_MS + DAY_MS)
    assert not time.told(START_MS + 9 * DAY_MS)
    assert time.newest_ms == START_MS


def test_a_wrong_first_time_is_given_up_when_all_that_follow_contradict_it():
    time = MarketTime()
    time.told(START_MS + 365 * DAY_MS)
    for index in range(30):
        assert time.told(START_MS + index)
    assert time.newest_ms == START_MS + 29


def test_late_frames_among_timely_ones_do_not_turn_time_back():
    time = MarketTime()
    time.told(START_MS + DAY_MS)
    for index in range(100):
        time.told(START_MS)
        time.told(START_MS + DAY_MS + index)
    assert time.newest_ms == START_MS + DAY_MS + 99


@given(st.lists(st.integers(0, LEAP_MS), max_size=50))
def test_a_market_that_does_not_leap_is_always_believed(steps_ms):
    time, now_ms = MarketTime(), START_MS
    for step_ms in steps_ms:
        now_ms += step_ms
        assert time.told(now_ms)
        assert time.newest_ms == now_ms
