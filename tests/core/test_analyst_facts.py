import numpy as np
import pytest

from core.analyst_facts import facts_of, near_zones
from core.model.events import NEVER_MS, Zones
from core.model.features import FeatureSet
from core.model.regime import Regime
from core.model.signal import Direction
from core.trading.account import Position
from tests.builders import START_MS, candles
from tests.core.decision_scene import rules

FEATURES = FeatureSet({"atr_14": 2.0, "alignment_1h": 1.0, "alignment_4h": -0.5}, ())


def zones(*ranges, name="Order block", ended=()):
    n = len(ranges)
    times = np.full(n, START_MS, dtype=np.int64)
    ended_ms = np.full(n, NEVER_MS, dtype=np.int64)
    ended_ms[list(ended)] = START_MS + 1
    low, high = (np.array(column, dtype=np.float64) for column in zip(*ranges, strict=True))
    return Zones(name, np.ones(n, dtype=np.int8), times, times, ended_ms, low, high, np.ones(n))


def facts(**changes):
    told = {"shapes": {}, "regime": None, "held": None} | changes
    return facts_of(candles([99.0, 100.0]), FEATURES, rules(), **told)


def test_the_close_and_what_is_known_of_other_timeframes_are_told():
    told = facts()
    assert told.close == 100.0
    assert told.alignment == {"1h": 1.0, "4h": -0.5}
    assert told.open_position is None


@pytest.mark.parametrize(
    ("regime", "words"), [(None, ""), (Regime.TREND_UP, "trend up"), (Regime.RANGE, "range")]
)
def test_a_regime_is_told_in_words(regime, words):
    assert facts(regime=regime).regime == words


def test_a_position_that_is_not_filled_yet_has_no_entry_price():
    pending = Position(Direction.SHORT, None, 104.0, 90.0, 200.0)
    assert facts(held=pending).open_position == {
        "direction": Direction.SHORT.value,
        "stop": 104.0,
        "target": 90.0,
        "pnl": 0.0,
    }
    filled = Position(Direction.SHORT, 99.5, 104.0, 90.0, 200.0, -1.0)
    assert facts(held=filled).open_position["entry_price"] == 99.5


def test_zones_come_nearest_first_with_the_distance_of_their_nearer_edge():
    shapes = {"blocks": [zones((104.0, 105.0), (98.0, 99.0), (99.5, 101.0))]}
    told = near_zones(shapes, 100.0, 2.0)
    assert [zone.distance_atr for zone in told] == [0.0, -0.5, 2.0]


def test_zones_that_have_ended_or_are_far_away_are_not_told():
    shapes = {"blocks": [zones((101.0, 102.0), (112.0, 113.0), (112.1, 113.0), ended=[0])]}
    assert [zone.low for zone in near_zones(shapes, 100.0, 2.0)] == [112.0]


def test_of_many_zones_the_eight_nearest_are_told():
    many = zones(*((100.0 + i / 10, 101.0 + i) for i in range(20)))
    assert [zone.low for zone in near_zones({"a": [many]}, 100.0, 2.0)] == [
        100.0 + i / 10 for i in range(8)
    ]


def test_without_a_unit_of_distance_there_are_no_zones():
    assert near_zones({"blocks": [zones((99.0, 101.0))]}, 100.0, 0.0) == ()
