import math

import numpy as np

from core.model.shapes import Profile
from core.signals.feature_groups.liquidity import LIQUIDITY
from tests.core.signals.shapes import seen, zones


def profile():
    volume = np.array([1.0, 5.0, 1.0])
    return Profile(
        "Volume profile",
        0,
        1,
        2.0,
        np.array([96.0, 98.0, 100.0]),
        volume,
        volume / 2.0,
        point_of_control=99.0,
        value_low=98.0,
        value_high=102.0,
    )


def test_the_nearest_zone_on_each_side_counts_and_a_sweep_is_remembered():
    above = zones("Buy-side liquidity", -1, [(101.0, 102.0), (104.0, 105.0)], swept=[6])
    below = zones("Sell-side liquidity", 1, [(90.0, 91.0), (96.0, 97.0)], strength=0.7)
    found = LIQUIDITY.compute(seen({"liquidity_zones": (above, below)}))
    assert found["liquidity_above_atr"] == 2.0
    assert found["liquidity_below_atr"] == 1.5
    assert found["liquidity_below_strength"] == 0.7
    assert found["sweep_above_age_candles"] == 6.0
    assert math.isnan(found["sweep_below_age_candles"])


def test_the_profile_of_the_newest_candles_counts():
    found = LIQUIDITY.compute(seen({"volume_profile": (profile(),)}))
    assert found["point_of_control_distance_atr"] == 0.5
    assert found["value_area_position"] == 0.5


def test_a_profile_of_what_somebody_looks_at_counts_for_nothing():
    found = LIQUIDITY.compute(seen({"volume_profile": (profile(),)}, shown_ms=(0, 1)))
    assert math.isnan(found["point_of_control_distance_atr"])
    assert math.isnan(found["value_area_position"])
