import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.condition import Condition, Side
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction
from core.signals.levels import FEWEST_REWARD_RISK, MOST_STRETCH, LevelParams, levels_for

PARAMS = LevelParams(stop_atr=3.0, reward_risk=2.5)
LONG, SHORT = Direction.LONG, Direction.SHORT
ATR = {"atr_14": 2.0}


def levels(direction, values, close=100.0, params=PARAMS):
    return levels_for(direction, FeatureSet.of(ATR | values), close, Interval.M15, params)


def test_without_structure_the_levels_are_average_true_ranges_away():
    long, short = levels(LONG, {}), levels(SHORT, {})
    assert (long.stop, long.target, long.reward_risk) == (94.0, 115.0, 2.5)
    assert (short.stop, short.target, short.reward_risk) == (106.0, 85.0, 2.5)
    assert long.invalidation == (Condition(Side.BELOW, 95.5, Interval.M15),)
    assert short.invalidation == (Condition(Side.ABOVE, 104.5, Interval.M15),)


@pytest.mark.parametrize(
    ("direction", "values"),
    [
        (LONG, {"supertrend_distance_atr": 3.5}),
        (SHORT, {"supertrend_distance_atr": -3.5}),
        (LONG, {"swing_low_distance_atr": 3.5}),
        (SHORT, {"swing_high_distance_atr": -3.5}),
        (LONG, {"supertrend_distance_atr": 3.5, "swing_low_distance_atr": 3.2}),
    ],
)
def test_the_stop_goes_behind_structure_that_is_farther_and_a_close_beyond_that_ends_it(
    direction, values
):
    found = levels(direction, values)
    assert found.stop == pytest.approx(100.0 - direction.sign * 7.2)
    assert found.target == pytest.approx(100.0 + direction.sign * 18.0)
    assert found.invalidation[0].price == pytest.approx(100.0 - direction.sign * 7.0)


@pytest.mark.parametrize(
    "values",
    [
        {"supertrend_distance_atr": 4.5},
        {"supertrend_distance_atr": -3.5},
        {"swing_high_distance_atr": -3.5},
    ],
    ids=["too far", "line in front", "swing of the other side"],
)
def test_structure_elsewhere_leaves_the_stop_where_it_is(values):
    assert levels(LONG, values).stop == 94.0


def test_the_farthest_structure_before_the_stop_ends_the_idea_but_not_the_nearest_noise():
    both = {"supertrend_distance_atr": 2.5, "swing_low_distance_atr": 1.0}
    assert levels(LONG, both).invalidation[0].price == 95.0
    assert levels(LONG, {"swing_low_distance_atr": 0.3}).invalidation[0].price == 95.5


@pytest.mark.parametrize("name", ["liquidity", "order_block"])
def test_a_target_is_pulled_in_front_of_an_obstacle_that_leaves_enough(name):
    assert levels(LONG, {f"{name}_above_atr": 6.1}).target == pytest.approx(112.0)
    assert levels(SHORT, {f"{name}_below_atr": 6.1}).target == pytest.approx(88.0)
    for ignored in (1.0, 4.5, 9.0):
        assert levels(LONG, {f"{name}_above_atr": ignored}).target == 115.0
    assert levels(LONG, {f"{name}_below_atr": 6.1}).target == 115.0


def test_nobody_can_be_placed_without_a_direction_or_a_unit_or_room():
    assert levels(Direction.FLAT, {}) is None
    assert levels_for(LONG, FeatureSet.of({}), 100.0, Interval.M15, PARAMS) is None
    assert levels(LONG, {"atr_14": 0.0}) is None
    assert levels(SHORT, {}, close=14.0) is None
    assert levels(LONG, {"atr_14": 1e-15}) is None
    assert levels(SHORT, {"atr_14": 1e308}) is None


@settings(max_examples=150)
@given(
    st.sampled_from([LONG, SHORT]),
    st.fixed_dictionaries(
        {"atr_14": st.floats(1e-9, 0.2)},
        optional={
            name: st.floats(-20, 20)
            for name in (
                "supertrend_distance_atr",
                "swing_low_distance_atr",
                "swing_high_distance_atr",
                "liquidity_above_atr",
                "liquidity_below_atr",
                "order_block_above_atr",
                "order_block_below_atr",
            )
        },
    ),
    st.sampled_from([1e-8, 0.1, 100.0, 1e6]),
    st.floats(0.5, 10),
    st.floats(1, 10),
)
def test_levels_of_any_features_lie_on_their_sides(direction, values, close, stop_atr, reward_risk):
    params = LevelParams(stop_atr, reward_risk)
    unit = values["atr_14"] * close
    found = levels(direction, values | {"atr_14": unit}, close, params)
    if found is None:
        assert unit * params.stop_atr * MOST_STRETCH * params.reward_risk > close / 2.0 or (
            unit < close * 1e-8
        )
        return
    sign = direction.sign
    distance = sign * (close - found.stop)
    assert 0.0 < distance <= unit * params.stop_atr * MOST_STRETCH * (1.0 + 1e-6)
    assert sign * found.target > sign * close
    assert min(found.stop, found.target) > 0.0
    assert found.reward_risk >= min(FEWEST_REWARD_RISK, params.reward_risk) * (1.0 - 1e-6)
    assert found.reward_risk <= params.reward_risk * (1.0 + 1e-6)
    (condition,) = found.invalidation
    assert not condition.met(close)
    away = sign * (close - condition.price)
    assert away >= min(0.5 * unit, distance) - close * 1e-9
    assert away <= distance + close * 1e-9


@pytest.mark.parametrize("close", [0.0123456789012, 1.23456789012, 64_123.456789012])
def test_a_condition_can_be_read_back_from_its_words(close):
    for direction in (LONG, SHORT):
        found = levels(direction, {"atr_14": close / 300.0}, close)
        (condition,) = found.invalidation
        assert Condition.parse(str(condition), Interval.H1) == condition


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan])
def test_distances_must_be_positive_numbers(bad):
    for params in ({"stop_atr": bad}, {"reward_risk": bad}):
        with pytest.raises(ValueError, match="levels cannot be"):
            LevelParams(**params)
