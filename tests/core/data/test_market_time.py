import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.market_time import LEAP_MS, MarketTime
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle

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


def test_what_has_no_say_about_the_time_may_be_an_hour_off_and_moves_nothing():
    time = MarketTime()
    assert time.near(START_MS)
    time.told(START_MS)
    assert time.near(START_MS + LEAP_MS)
    assert not time.near(START_MS + LEAP_MS + 1)
    assert not time.near(START_MS - LEAP_MS - 1)
    assert time.newest_ms == START_MS


def told(minute: int, off_ms: int = 0, *, closed: bool = False) -> CandleUpdate:
    """A candle of an exchange whose clock is off."""
    event_ms = START_MS + minute * MINUTE_MS + (60_300 if closed else 30_000) + off_ms
    bar = candle(START_MS + minute * MINUTE_MS)
    return CandleUpdate("BTCUSDT", Interval.M1, bar, closed, event_ms)


@pytest.mark.parametrize("off_ms", [DAY_MS, -DAY_MS])
def test_of_an_exchange_whose_clock_is_a_day_off_the_bars_are_believed(off_ms):
    time = MarketTime()
    assert time.told_by_candle(told(0)) == told(0)
    assert time.told_by_candle(told(1, off_ms)) is None, "one frame alone may be damaged"
    for minute in range(1, 5):
        assert not time.told(START_MS + minute * MINUTE_MS + off_ms), "no bar vouches for it"
        running = time.told_by_candle(told(minute, off_ms))
        assert running is not None
        assert running.event_time_ms == START_MS + minute * MINUTE_MS
        closed = time.told_by_candle(told(minute, off_ms, closed=True))
        assert closed is not None
        assert closed.event_time_ms == START_MS + (minute + 1) * MINUTE_MS
    assert time.told_by_candle(told(5)) == told(5)
    assert time.newest_ms == START_MS + 5 * MINUTE_MS + 30_000


@pytest.mark.parametrize("off_ms", [DAY_MS, -DAY_MS])
def test_candles_outweigh_a_wrong_clock_that_told_the_time_before_them(off_ms):
    time = MarketTime()
    for second in range(30):
        assert time.told(START_MS + off_ms + second * 1_000)
    for minute in range(4):  # even if others speak in between
        time.told_by_candle(told(minute, off_ms))
        time.told(START_MS + off_ms + 40_000)
    assert time.newest_ms == START_MS + 3 * MINUTE_MS


def test_a_damaged_bar_among_good_ones_is_not_believed():
    time = MarketTime()
    for minute in range(40):
        assert time.told_by_candle(told(minute)) is not None
        for away in (-2_000, 30, 500, 100_000):
            damaged = candle(START_MS + (minute + away) * MINUTE_MS)
            event_ms = told(minute).event_time_ms
            claim = CandleUpdate("BTCUSDT", Interval.M1, damaged, True, event_ms)
            assert time.told_by_candle(claim) is None
            assert time.told_by_candle(told(minute)) is not None
    assert time.newest_ms == START_MS + 39 * MINUTE_MS + 30_000


def test_after_hours_of_absence_candles_still_lead_the_clock_ahead():
    time = MarketTime()
    time.told_by_candle(told(0))
    time.connected()
    assert time.told_by_candle(told(600)) is None
    assert time.told_by_candle(told(600)) is not None
    assert time.told(START_MS + 600 * MINUTE_MS + 31_000)
