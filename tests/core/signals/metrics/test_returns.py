"""What the ratios refuse to tell."""

import pytest

from core.signals.metrics.returns import calmar, sortino


def test_sortino_divides_by_the_losses_over_all_days():
    # Mean 1 %; of four days one lost 2 %: root of 4 / 4 = 1 %.
    assert sortino([0.02, 0.02, 0.02, -0.02]) == pytest.approx(365**0.5)


def test_sortino_is_unknown_before_the_second_day_and_without_a_loss():
    assert sortino([-0.01]) is None
    assert sortino([0.01, 0.0]) is None


def test_calmar_is_unknown_before_a_month_and_without_a_fall():
    assert calmar([0.01] * 29, 0.1) is None
    assert calmar([0.01] * 30, 0.0) is None
    assert calmar([0.01] * 30, None) is None
    assert calmar([0.01] * 365, 0.1) == pytest.approx((1.01**365 - 1.0) / 0.1)


def test_calmar_of_ruin_loses_everything_in_a_year():
    assert calmar([*[0.0] * 29, -1.0], 0.5) == -2.0


def test_a_year_beyond_all_numbers_is_not_told():
    assert calmar([1e10] * 30, 0.5) is None
