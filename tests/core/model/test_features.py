import math

import pytest

from core.model.features import FeatureGroup, FeatureSet, FeatureSpec


def spec(name="rsi_14", low=0.0, high=100.0):
    return FeatureSpec(FeatureGroup.MOMENTUM, name, "points", low, high, "rsi", "strength")


@pytest.mark.parametrize("name", ["", "RSI", "rsi 14", "14_rsi"])
def test_a_feature_is_named_like_a_variable(name):
    with pytest.raises(ValueError, match="cannot be named"):
        spec(name)


@pytest.mark.parametrize("high", [0.0, -1.0])
def test_bounds_that_leave_no_room_are_refused(high):
    with pytest.raises(ValueError, match="rsi_14"):
        spec(high=high)


@pytest.mark.parametrize(
    ("low", "high", "allowed", "refused"),
    [
        (0.0, 1.0, (0.0, 0.5, 1.0), (-0.1, 1.1)),
        (None, 1.0, (-1e9, 1.0), (1.1,)),
        (0.0, None, (0.0, 1e9), (-0.1,)),
        (None, None, (-1e9, 1e9), ()),
    ],
)
def test_bounds_are_themselves_allowed(low, high, allowed, refused):
    assert all(spec(low=low, high=high).allows(value) for value in allowed)
    assert not any(spec(low=low, high=high).allows(value) for value in refused)


def test_what_is_not_a_number_is_missing_and_never_zero():
    features = FeatureSet.of({"a": 1.0, "b": math.nan, "c": math.inf, "d": 0.0})
    assert dict(features.values) == {"a": 1.0, "d": 0.0}
    assert features.missing == ("b", "c")
