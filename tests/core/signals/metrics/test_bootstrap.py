"""Intervals where the resamples are odd."""

import pytest

from core.signals.metrics.bootstrap import (
    Bounds,
    bounds_of,
    profit_factor_of_rows,
    sharpe_of_rows,
    win_rate_of_rows,
)


def test_the_same_values_give_the_same_interval():
    values = [1.0, -1.0, 2.0] * 10
    assert bounds_of(values, win_rate_of_rows) == bounds_of(values, win_rate_of_rows)


def test_fewer_than_ten_values_have_no_interval():
    assert bounds_of([1.0, -1.0] * 4 + [1.0], win_rate_of_rows) is None
    assert bounds_of([1.0, -1.0] * 5, win_rate_of_rows) is not None


def test_values_that_are_alike_have_no_ratio_and_no_width():
    assert bounds_of([0.1] * 20, sharpe_of_rows) is None
    assert bounds_of([0.0] * 20, profit_factor_of_rows) is None
    assert bounds_of([0.1] * 20, win_rate_of_rows) == Bounds(1.0, 1.0)


def test_a_profit_factor_that_rests_on_one_loss_has_no_upper_limit():
    found = bounds_of([5.0] * 19 + [-10.0], profit_factor_of_rows)
    assert found.high is None
    assert 0.0 < found.low < 95.0 / 10.0


def test_without_any_loss_there_is_no_interval():
    assert bounds_of([5.0] * 20, profit_factor_of_rows) is None


def test_many_values_are_resampled_in_parts():
    found = bounds_of([1.0, -1.0] * 1_000, win_rate_of_rows)
    # 1.96 times the deviation of a share: sqrt(0.25 / 2000).
    assert (found.low, found.high) == pytest.approx((0.478, 0.522), abs=0.003)
