import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.reconnect import ConnectLimiter, reconnect_delays


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
