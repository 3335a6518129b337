import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.reconnect import ConnectLimiter, reconnect_delays, refusal_wait_s


def test_the_bound_doubles_up_to_the_ceiling():
    bounds = reconnect_delays(0.5, 20.0, uniform=lambda low, high: high)
    assert list(itertools.islice(bounds, 8)) == [0.5, 1, 2, 4, 8, 16, 20, 20]


@given(st.floats(0.01, 10), st.floats(1, 25))
def test_no_delay_leaves_the_range(first_s, ceiling_s):
    for delay_s in itertools.islice(reconnect_delays(first_s, ceiling_s), 30):
        assert 0.0 <= delay_s <= ceiling_s


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_window_ever_holds_more_connects_than_allowed(pauses):
    limiter, now_s, made = ConnectLimiter(5, 10.0), 0.0, []
    for pause_s in pauses:
        now_s += pause_s
        now_s += limiter.wait_s(now_s)
        limiter.record(now_s)
        made.append(now_s)
    for at_s in made:
        assert sum(at_s - 10.0 + 1e-6 < other <= at_s for other in made) <= 5


def test_a_limiter_that_allows_nothing_is_refused():
    with pytest.raises(ValueError, match="connects 0"):
        ConnectLimiter(0, 10.0)


@given(st.lists(st.floats(0, 3), max_size=60))
def test_nobody_waits_for_a_whole_window(pauses):
    limiter, now_s = ConnectLimiter(6, 60.0), 0.0
    for pause_s in pauses:
        now_s += pause_s
        wait_s = limiter.wait_s(now_s)
        assert wait_s <= 60.0 / 3 + 1e-6
        now_s += wait_s
        limiter.record(now_s)


def test_an_attempt_that_reached_nobody_costs_nothing():
    limiter = ConnectLimiter(2, 10.0)
    for now_s in range(100):
        assert limiter.wait_s(float(now_s)) == 0.0
        limiter.record(float(now_s))
        limiter.forget(float(now_s))
    limiter.forget(7.0)


def test_who_is_told_to_stay_away_stays_away():
    limiter = ConnectLimiter()
    limiter.hold(100.0)
    limiter.hold(50.0)
    assert limiter.wait_s(40.0) == 60.0
    assert limiter.wait_s(101.0) == 0.0


@pytest.mark.parametrize(
    ("status", "told_s", "expected_s"),
    [
        (429, None, 60.0),
        (429, 3.0, 3.0),
        (418, None, 120.0),
        (418, 1e12, 3 * 86_400.0),
        (403, 5.0, 60.0),
        (451, 600.0, 600.0),
        (404, 9.0, None),
    ],
)
def test_a_refusal_is_waited_out_as_told(status, told_s, expected_s):
    assert refusal_wait_s(status, told_s) == expected_s
