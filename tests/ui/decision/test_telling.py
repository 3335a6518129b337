import json

import pytest

from core.model.signal import Outcome
from core.signals.metrics.calibration import Bucket, Calibration
from tests.ui.decision.scene import ended, traded, unready
from ui.decision.telling import probability, story_told


def test_contributions_add_up_to_the_score():
    told = story_told(traded(), 0.5, 1)
    assert [layer["key"] for layer in told["layers"]] == ["trend", "momentum"]
    assert sum(layer["sum"] for layer in told["layers"]) == pytest.approx(told["score"])
    assert told["layers"][1]["votes"][0]["reason"] == "turned up"


def test_the_views_stand_side_by_side_with_checks_and_cost():
    told = story_told(traded(), 0.5, 1)
    assert told["rules"] == {"direction": "LONG", "strength": "buy", "confidence": 64.5}
    analyst = told["analyst"]
    assert (analyst["action"], analyst["confidence"], analyst["calls"]) == ("LONG", 70.0, 1)
    assert (analyst["cost_usd"], analyst["latency_ms"]) == (0.000123, 812)
    assert [check["holds"] for check in analyst["checks"]] == [True, False]


def test_levels_are_those_of_the_fill_once_there_is_one():
    levels = story_told(traded(), 0.5, 1)["levels"]
    assert (levels["entry"], levels["filled"], levels["traded"]) == (100.5, True, True)
    assert levels["reward_risk"] == pytest.approx(5.75 / 3.0)
    waiting = story_told(traded(entry_price=None), 0.5, 1)["levels"]
    assert (waiting["entry"], waiting["filled"]) == (100.125, False)


def test_what_was_not_traded_shows_the_levels_of_the_rules():
    told = story_told(ended(Outcome.VETOED, "the analyst says HOLD (60)"), 0.5, 1)
    assert (told["direction"], told["levels"]["traded"]) == ("LONG", False)
    assert told["invalidation"] == ["close below 97.5 on 15m"]


def test_a_bar_without_rules_has_neither_direction_nor_levels():
    told = story_told(unready(), 0.5, 1)
    assert (told["direction"], told["levels"], told["layers"], told["score"]) == (
        "NONE",
        None,
        [],
        None,
    )
    json.dumps(told)


def test_a_setup_forms_just_below_the_threshold_only():
    story = ended(Outcome.HOLD, "score +0.60")
    assert [story_told(story, at, 1)["forming"] for at in (0.5, 0.65, 0.9)] == [False, True, False]


def test_there_is_no_probability_before_enough_trades_have_closed():
    assert probability(None, 70.0) == {"value": None, "count": 0}
    few = Calibration(99, 0.2, 0.25, (_bucket(60, None), _bucket(70, None)))
    assert probability(few, 70.0) == {"value": None, "count": 99}
    enough = Calibration(100, 0.2, 0.25, (_bucket(60, 0.4), _bucket(70, 0.6)))
    assert probability(enough, 72.0) == {"value": 0.6, "count": 100}
    assert probability(enough, 95.0)["value"] == 0.6  # the nearest range that holds a trade
    assert probability(enough, 70.0)["value"] == 0.6  # a bound belongs to the range it begins
    assert probability(enough, None)["value"] is None


def _bucket(low: int, value: float | None) -> Bucket:
    return Bucket(low, low + 10, 50, low + 5.0, 0.5, (0.4, 0.6), value)
