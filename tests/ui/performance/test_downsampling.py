"""A curve with fewer points must not look better than it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.performance.downsampling import drawdown, kept_points


def test_drawdown_is_measured_from_the_highest_point_so_far_and_the_start_is_the_first():
    fall = drawdown(np.array([90.0, 120.0, 60.0, 120.0]), 100.0)
    assert fall.tolist() == pytest.approx([-0.1, 0.0, -0.5, 0.0])


def test_a_fall_of_one_point_among_thousands_is_kept():
    equity = np.full(50_000, 10_000.0)
    equity[31_337] = 7_000.0
    kept = kept_points(np.arange(50_000) * 60_000, (equity,), 100)
    assert 31_337 in kept
    assert len(kept) <= 2 * 100 + 2


def test_few_points_are_all_drawn():
    assert kept_points(np.array([5, 9]), (np.array([1.0, 2.0]),), 100).tolist() == [0, 1]
    nothing = np.array([], dtype=np.int64)
    assert kept_points(nothing, (nothing.astype(float),), 100).tolist() == []


@given(
    st.lists(st.floats(1.0, 1e6), min_size=1, max_size=80),
    st.lists(st.integers(0, 10_000), min_size=80, max_size=80),
    st.integers(1, 12),
)
def test_extremes_ends_and_the_deepest_drawdown_are_always_kept(values, waits, buckets):
    equity = np.array(values)
    at_ms = np.cumsum(np.array(waits[: len(values)]) + 1)
    fall = drawdown(equity, 1_000.0)
    kept = kept_points(at_ms, (equity, fall), buckets)
    assert (np.diff(kept) > 0).all()
    assert (kept[0], kept[-1]) == (0, len(values) - 1)
    assert equity[kept].min() == equity.min()
    assert equity[kept].max() == equity.max()
    assert fall[kept].min() == fall.min()
