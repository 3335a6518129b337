"""Confidence beside outcome."""

import pytest

from core.signals.metrics.calibration import calibration_of, rising
from tests.core.signals.metrics.builders import closed


def test_a_worked_example():
    trades = [
        closed(5.0, confidence=70.0),
        closed(-5.0, confidence=78.0),
        closed(5.0, confidence=100.0),
    ]
    found = calibration_of(trades)
    # (0.3^2 + 0.78^2 + 0) / 3; always two thirds: 2/9.
    assert found.count == 3
    assert found.brier == pytest.approx((0.09 + 0.6084) / 3)
    assert found.brier_of_base_rate == pytest.approx(2 / 9)
    first, last = found.buckets
    assert (first.low, first.high, first.count, first.mean_confidence) == (70, 80, 2, 74.0)
    assert first.hit_rate == 0.5
    assert (last.low, last.high, last.count, last.hit_rate) == (90, 100, 1, 1.0)
    assert first.bounds.low < 0.5 < first.bounds.high


def test_without_a_closed_trade_there_is_nothing_to_compare():
    found = calibration_of([])
    assert (found.count, found.brier, found.brier_of_base_rate, found.buckets) == (
        0,
        None,
        None,
        (),
    )


@pytest.mark.parametrize(("count", "told"), [(99, False), (100, True)])
def test_a_probability_is_told_from_the_hundredth_trade_on(count, told):
    trades = [closed(1.0 - n % 2 * 2, confidence=60.0) for n in range(count)]
    (bucket,) = calibration_of(trades).buckets
    assert (bucket.probability is not None) is told


def test_more_confidence_never_means_a_lower_probability():
    trades = [closed(1.0, confidence=55.0)] * 60 + [closed(-1.0, confidence=65.0)] * 60
    low, high = calibration_of(trades).buckets
    assert (low.hit_rate, high.hit_rate) == (1.0, 0.0)
    assert low.probability == high.probability == 0.5


def test_shares_that_rise_stay_as_they_are():
    assert rising([0.1, 0.1, 0.4], [1, 2, 3]) == [0.1, 0.1, 0.4]
