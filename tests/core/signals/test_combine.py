import pytest

from core.model.signal import Direction, Outcome, RuleVerdict, Strength, Vote
from core.model.verdict import Abstention, AbstentionReason, Action, View
from core.signals.combine import combine, in_words

LONG = RuleVerdict(Direction.LONG, Strength.BUY, 0.7, 70.0, (), 90.0, 120.0)
SHORT = RuleVerdict(Direction.SHORT, Strength.SELL, -0.7, 70.0, (), 110.0, 80.0)
FLAT = RuleVerdict(
    Direction.FLAT,
    Strength.HOLD,
    0.1,
    10.0,
    (Vote("supertrend_flip", 0.0, 0.4, "Supertrend turned 9 candles ago"),),
    None,
    None,
)


def view(action, confidence=50.0):
    return View(action, confidence, None, None, None, "because")


def test_an_analyst_that_agrees_makes_a_signal_with_the_mean_confidence():
    combined = combine(LONG, view(Action.LONG, 50.0))
    assert (combined.outcome, combined.confidence) == (Outcome.SIGNAL, 60.0)
    assert combine(SHORT, view(Action.SHORT)).outcome is Outcome.SIGNAL


@pytest.mark.parametrize("action", [Action.HOLD, Action.CLOSE, Action.SHORT])
def test_any_other_view_is_a_veto(action):
    combined = combine(LONG, view(action))
    assert combined.outcome is Outcome.VETOED
    assert action.value in combined.reason


@pytest.mark.parametrize("verdict", [None, Abstention(AbstentionReason.NO_KEY)])
def test_without_anybody_to_ask_the_rules_stand_alone(verdict):
    assert combine(LONG, verdict).outcome is Outcome.SIGNAL
    assert combine(LONG, verdict).confidence == 70.0


@pytest.mark.parametrize("reason", [r for r in AbstentionReason if r != AbstentionReason.NO_KEY])
def test_an_analyst_that_was_asked_and_abstained_blocks_the_trade(reason):
    combined = combine(LONG, Abstention(reason, "after 20 s"))
    assert combined.outcome is Outcome.REFUSED
    assert reason.value in combined.reason
    assert "after 20 s" in combined.reason


@pytest.mark.parametrize("verdict", [None, view(Action.LONG, 99.0)])
def test_nobody_can_propose_but_the_rules(verdict):
    combined = combine(FLAT, verdict)
    assert combined.outcome is Outcome.HOLD
    assert "+0.10" in combined.reason
    assert "9 candles ago" in combined.reason


def test_verdicts_in_words():
    assert in_words(None) == "not_asked"
    assert in_words(Abstention(AbstentionReason.TIMEOUT)) == "timeout"
    assert in_words(view(Action.LONG, 70.4)) == "LONG 70"
