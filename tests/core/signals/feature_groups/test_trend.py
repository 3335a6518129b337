import math

import pytest

from core.signals.feature_groups.trend import TREND
from tests.core.signals.shapes import line, marks, seen


def trend(shapes, closes=(100.0,) * 300):
    return TREND.compute(seen(shapes, closes))


def supertrend(ago):
    flat = line("Supertrend", 95.0, 1)
    return {"supertrend": (flat, marks("Supertrend turns up", ago, 1))}


def test_supertrend_is_measured_in_average_true_ranges():
    found = trend(supertrend([40, 7]))
    assert found["supertrend_direction"] == 1.0
    assert found["supertrend_distance_atr"] == 2.5
    assert found["supertrend_age_candles"] == 7.0


def test_without_a_turn_in_sight_the_age_is_unknown_or_the_longest():
    assert math.isnan(trend(supertrend([]))["supertrend_age_candles"])
    n = 600
    long = {"supertrend": (line("Supertrend", 95.0, 1, n),)}
    unit = {"atr": (line("ATR", 2.0, n=n),)}
    assert trend(unit | long, (100.0,) * n)["supertrend_age_candles"] == 480.0


@pytest.mark.parametrize(
    ("long", "short", "direction", "distance"),
    [(1, 0, 1.0, 3.0), (0, -1, -1.0, -4.0), (0, 0, 0.0, math.nan)],
)
def test_the_chandelier_stop_in_force_counts(long, short, direction, distance):
    stops = (line("Chandelier long", 94.0, long), line("Chandelier short", 108.0, short))
    found = trend({"chandelier_exit": stops})
    assert found["chandelier_direction"] == direction
    assert found["chandelier_distance_atr"] == pytest.approx(distance, nan_ok=True)


def test_a_window_too_short_for_the_slow_average_has_no_number_of_it():
    closes = [3000.0 + i for i in range(1441)]
    slow = {"ema_200_distance_atr", "ema_50_above_200_atr"}
    long, short = (trend({"atr": (line("ATR", 2.0, n=n),)}, closes[:n]) for n in (1441, 1440))
    assert slow == {name for name in long if math.isnan(short[name]) and not math.isnan(long[name])}


def test_an_absent_chandelier_is_no_chandelier_that_says_neither():
    assert math.isnan(trend({})["chandelier_direction"])


@pytest.mark.parametrize("step", [1.0, -1.0])
def test_a_straight_line_is_all_trend(step):
    unit = {"atr": (line("ATR", 2.0, n=1441),)}
    found = trend(unit, [3000.0 + step * i for i in range(1441)])
    assert found["slope_20_atr"] == pytest.approx(step / 2.0)
    assert found["efficiency_10"] == step
    assert found["adx_14"] == pytest.approx(100.0)
    assert found["plus_di_14" if step > 0 else "minus_di_14"] == pytest.approx(100.0)
    assert found["range_position_50"] == (1.0 if step > 0 else 0.0)
    assert found["ema_50_slope_atr"] == pytest.approx(step * 5.0 / 2.0)
    assert math.copysign(1.0, found["ema_50_above_200_atr"]) == step
