import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.pace import Pace


def test_a_push_that_comes_a_little_early_does_not_wait():
    pace = Pace(4.0)
    assert [pace.wait_s(now_s) for now_s in (0.0, 0.25, 0.45, 0.75)] == [0.0] * 4


def test_pushes_at_once_are_spread():
    pace = Pace(4.0)
    assert [pace.wait_s(0.0) for _ in range(4)] == pytest.approx([0.0, 0.0, 0.25, 0.5])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=200), st.floats(0.5, 10.0))
def test_the_mean_rate_is_never_exceeded(gaps_s, per_s):
    pace, now_s = Pace(per_s), 0.0
    for gap_s in gaps_s:
        now_s += gap_s
        now_s += pace.wait_s(now_s)
    assert len(gaps_s) <= 2.0 + now_s * per_s + 1e-6
