"""Falls and their length, and what was at stake."""

from dataclasses import replace

import pytest

from core.signals.metrics.drawdown import Drawdown, deepest_drawdown, exposure_of
from tests.core.signals.metrics.builders import DAY_MS, curve


def test_a_fall_lasts_from_its_peak_until_the_peak_is_reached_again():
    found = deepest_drawdown(curve(100.0, 120.0, 90.0, 110.0, 120.0, 130.0), 100.0)
    assert found == Drawdown(0.25, 3.0, recovered=True)


def test_a_fall_that_is_not_over_lasts_until_the_end():
    found = deepest_drawdown(curve(100.0, 120.0, 90.0, 119.0), 100.0)
    assert found == Drawdown(0.25, 2.0, recovered=False)


def test_the_last_time_at_the_peak_is_where_a_fall_begins():
    found = deepest_drawdown(curve(120.0, 120.0, 60.0), 100.0)
    assert found == Drawdown(0.5, 1.0, recovered=False)


def test_a_deeper_fall_later_counts_instead():
    found = deepest_drawdown(curve(90.0, 100.0, 200.0, 100.0, 150.0, 140.0, 200.0), 100.0)
    assert found == Drawdown(0.5, 4.0, recovered=True)


def test_what_never_fell_has_no_length_and_no_curve_no_drawdown():
    assert deepest_drawdown(curve(100.0, 101.0), 100.0) == Drawdown(0.0, 0.0, recovered=True)
    assert deepest_drawdown([], 100.0) is None


def test_exposure_is_weighted_by_how_long_it_stood():
    first, second, third = curve(1.0, 1.0, 1.0)
    points = [
        replace(first, exposure=2.0),  # for one day
        second,  # nothing for three
        replace(third, at_ms=third.at_ms + 2 * DAY_MS, exposure=9.0),  # the last covers no time
    ]
    found = exposure_of(points)
    assert (found.mean, found.time_in_market) == (pytest.approx(0.5), 0.25)


def test_one_point_covers_no_time():
    assert exposure_of(curve(100.0)) is None
    assert exposure_of([]) is None
