import pytest

from core.model.signal import Outcome
from core.model.trade import ExitReason, TradeStatus
from core.model.verdict import AbstentionReason, Action
from tests.ui.decision.scene import ended, traded, unready
from ui.decision.words import ABSTENTIONS, OUTCOMES, abstention, analyst_cell, analyst_view, upshot


def test_every_outcome_and_every_abstention_has_words():
    assert set(ABSTENTIONS) == set(AbstentionReason)
    assert set(OUTCOMES) == set(Outcome)
    for outcome in set(Outcome) - {Outcome.SIGNAL}:
        assert upshot(ended(outcome, "it is so")).words == "It is so"


def test_a_view_is_read_back_and_an_abstention_is_told_in_words():
    assert analyst_view(traded().decision).action is Action.LONG
    silent = ended(Outcome.HOLD, "", analyst="timeout", analyst_detail="8 s").decision
    assert analyst_view(silent).action is None
    assert analyst_view(silent).words == "No answer in time: 8 s"
    assert abstention("") == "It was not asked"
    assert abstention("some_code_of_old") == "some code of old"
    assert [analyst_cell(said) for said in ("LONG 70", "no_key")] == [
        "LONG 70",
        "no key for deepseek is set",
    ]


def test_a_refusal_names_its_code_and_its_numbers():
    came = upshot(ended(Outcome.REFUSED, "cooldown: 8 minutes since the last exit, 30 to wait"))
    assert (came.title, came.words) == (
        "Refused: cooldown",
        "8 minutes since the last exit, 30 to wait",
    )


def test_late_and_unready_evaluations_stand_out():
    assert upshot(ended(Outcome.LATE, "the answer came after the next close")).tone == "warned"
    assert upshot(unready()).tone == "warned"
    assert upshot(ended(Outcome.HOLD, "score +0.10")).tone == ""


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "Closed at target"),
        ({"status": TradeStatus.OPEN}, "Position open"),
        ({"status": TradeStatus.PENDING}, "Entry pending"),
        (
            {"status": TradeStatus.REFUSED, "exit_reason": ExitReason.BEYOND_STOP},
            "Entry refused",
        ),
    ],
)
def test_a_signal_tells_what_became_of_its_trade(changes, title):
    assert upshot(traded(**changes)).title == title
