import pytest

from core.heard_features import HEARD_LIVE, with_heard
from core.model.features import FeatureSet
from core.signals.features import FEATURES

LIVE = [name for name, spec in FEATURES.items() if spec.source == HEARD_LIVE]
COMPUTED = [name for name, spec in FEATURES.items() if spec.source != HEARD_LIVE]


@pytest.fixture
def features():
    return FeatureSet.of(dict.fromkeys(FEATURES, 1.0))


def test_there_is_something_that_is_only_heard_live():
    assert LIVE
    assert COMPUTED


def test_what_was_heard_then_takes_the_place_of_what_is_heard_now(features):
    told = with_heard(features, dict.fromkeys(FEATURES, 2.0))
    assert {told.values[name] for name in LIVE} == {2.0}
    assert {told.values[name] for name in COMPUTED} == {1.0}


@pytest.mark.parametrize("heard", [None, {}])
def test_what_nobody_heard_is_missing_and_never_nought(features, heard):
    told = with_heard(features, heard)
    assert set(told.missing) == set(LIVE)
    assert set(told.values) == set(COMPUTED)


def test_what_could_not_be_computed_stays_missing():
    told = with_heard(FeatureSet.of({}), dict.fromkeys(LIVE, 2.0))
    assert set(told.missing) == set(COMPUTED)
    assert list(told.missing) == [name for name in FEATURES if name in COMPUTED]
