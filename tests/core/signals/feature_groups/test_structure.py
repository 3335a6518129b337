import math

from core.indicators.structure_state import BREAK_UP, GAP_DOWN, GAP_UP, TURN_DOWN
from core.signals.feature_groups.structure import STRUCTURE
from tests.core.signals.shapes import marks, seen, zones


def structure(*shapes):
    return STRUCTURE.compute(seen({"smart_money": shapes}))


def test_the_newest_break_counts_with_its_side_and_kind():
    found = structure(marks(BREAK_UP, [90, 12], 1), marks(TURN_DOWN, [50, 5], -1))
    assert found["structure_direction"] == -1.0
    assert found["structure_turned"] == 1.0
    assert found["structure_age_candles"] == 5.0


def test_swings_are_told_by_distance_and_age_for_a_while():
    high = marks("Swing high", [80, 9], -1, price=104.0)
    low = marks("Swing low", [120], 1, price=90.0)
    found = structure(high, low)
    assert found["swing_high_distance_atr"] == -2.0
    assert found["swing_high_age_candles"] == 9.0
    assert math.isnan(found["swing_low_distance_atr"])
    assert math.isnan(found["swing_low_age_candles"])


def test_the_nearest_gap_on_each_side_is_told_as_a_way_to_go():
    below = zones(GAP_UP, 1, [(80.0, 82.0), (90.0, 94.0)])
    above = zones(GAP_DOWN, -1, [(101.0, 103.0)])
    found = structure(below, above)
    assert found["fvg_below_atr"] == 3.0
    assert found["fvg_above_atr"] == 0.5
    assert math.isnan(found["order_block_above_atr"])
