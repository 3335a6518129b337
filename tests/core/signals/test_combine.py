from dataclasses import replace

import pytest

from core.model.condition import Condition, Side
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.policy import Policy
from core.model.signal import Direction, Outcome, RuleVerdict, Strength, Vote
from core.model.trade import ExitReason
from core.model.verdict import Abstention, AbstentionReason, Action, View
from core.signals.combine import Combined, combine, exit_reason, in_words, why_not_asked
from core.signals.levels import LevelParams

CLOSE = 100.0
ENDED = Condition(Side.BELOW, 95.5, Interval.M15)
LONG = RuleVerdict(
    Direction.LONG, Strength.BUY, 0.6, 60.0, (), 94.0, 115.0, 2.5, invalidation=(ENDED,)
)
SHORT = RuleVerdict(Direction.SHORT, Strength.SELL, -0.6, 60.0, (), 106.0, 85.0, 2.5)
FLAT = RuleVerdict(
    Direction.FLAT,
    Strength.HOLD,
    0.1,
    10.0,
    (Vote("rsi", 0.1, 0.2, "RSI 52.0"), Vote("supertrend", 0.4, 0.2, "turned 9 candles ago")),
    None,
    None,
)
ALONE = [reason for reason in AbstentionReason if reason.leaves_rules_alone]
FAILED = [reason for reason in AbstentionReason if not reason.leaves_rules_alone]


def view(action, confidence=50.0, **given):
    blank = View(action, confidence, None, None, None, "because")
    return replace(blank, **given)


def joined(policy, rules, verdict, values=None):
    return combine(
        policy,
        rules,
        verdict,
        features=FeatureSet.of({"atr_14": 2.0} if values is None else values),
        close=CLOSE,
        interval=Interval.M15,
        params=LevelParams(3.0, 2.5),
    )


@pytest.mark.parametrize("verdict", [None, view(Action.SHORT), Abstention(AbstentionReason.BLANK)])
def test_under_the_policy_of_rules_they_decide_alone(verdict):
    decided = joined(Policy.RULES, LONG, verdict)
    assert (decided.outcome, decided.direction) == (Outcome.SIGNAL, Direction.LONG)
    assert (decided.stop, decided.target, decided.invalidation) == (94.0, 115.0, (ENDED,))
    assert (decided.confidence, decided.risk_scale) == (60.0, 1.0)
    assert joined(Policy.RULES, FLAT, view(Action.LONG)).outcome is Outcome.HOLD


@pytest.mark.parametrize(
    ("confidence", "scale"), [(20.0, 0.5), (30.0, 0.5), (50.0, 0.75), (70.0, 1.0), (100.0, 1.0)]
)
def test_an_analyst_that_agrees_scales_the_risk_of_the_rules_proposal(confidence, scale):
    confirmed = joined(Policy.CONFIRM, LONG, view(Action.LONG, confidence, stop_loss=93.0))
    assert (confirmed.outcome, confirmed.stop) == (Outcome.SIGNAL, 94.0)
    assert confirmed.risk_scale == pytest.approx(scale)
    assert confirmed.confidence == pytest.approx((60.0 + confidence) / 2.0)


@pytest.mark.parametrize("action", [Action.HOLD, Action.CLOSE, Action.SHORT])
def test_any_other_view_is_a_veto(action):
    vetoed = joined(Policy.CONFIRM, LONG, view(action))
    assert (vetoed.outcome, vetoed.direction, vetoed.stop) == (
        Outcome.VETOED,
        Direction.FLAT,
        None,
    )
    assert action.value in vetoed.reason


@pytest.mark.parametrize("policy", [Policy.CONFIRM, Policy.ANALYST])
@pytest.mark.parametrize("reason", ALONE)
def test_without_anybody_who_could_be_asked_the_rules_stand_alone(policy, reason):
    decided = joined(policy, SHORT, Abstention(reason))
    assert (decided.outcome, decided.direction) == (Outcome.SIGNAL, Direction.SHORT)
    assert reason.value in decided.reason
    assert joined(policy, FLAT, Abstention(reason)).outcome is Outcome.HOLD


@pytest.mark.parametrize("policy", [Policy.CONFIRM, Policy.ANALYST])
@pytest.mark.parametrize("reason", FAILED)
def test_an_analyst_that_gave_no_view_blocks_the_trade(policy, reason):
    refused = joined(policy, LONG, Abstention(reason, "after 20 s"))
    assert (refused.outcome, refused.direction) == (Outcome.REFUSED, Direction.FLAT)
    assert reason.value in refused.reason
    assert "after 20 s" in refused.reason
    assert joined(policy, FLAT, Abstention(reason)).outcome is Outcome.HOLD


@pytest.mark.parametrize("policy", [Policy.CONFIRM, Policy.ANALYST])
def test_nobody_asked_where_the_policy_wants_a_view_blocks_the_trade(policy):
    assert joined(policy, LONG, None).outcome is Outcome.REFUSED
    assert joined(policy, FLAT, None).outcome is Outcome.HOLD


def test_under_confirm_nobody_can_propose_but_the_rules():
    held = joined(Policy.CONFIRM, FLAT, view(Action.LONG, 99.0))
    assert held.outcome is Outcome.HOLD
    assert held.reason == "score +0.10: turned 9 candles ago"


def test_a_score_that_found_no_room_for_levels_says_so():
    assert "no room" in joined(Policy.RULES, replace(FLAT, confidence=50.0), None).reason
    assert joined(Policy.RULES, replace(FLAT, votes=()), None).reason == "no votes"


@pytest.mark.parametrize("action", [Action.LONG, Action.SHORT])
def test_an_analyst_that_leads_may_trade_where_the_rules_are_undecided(action):
    led = joined(Policy.ANALYST, FLAT, view(action, 70.0))
    assert (led.outcome, led.direction.value) == (Outcome.SIGNAL, action.value)
    assert (led.confidence, led.risk_scale) == (70.0, 1.0)
    assert abs(led.stop - CLOSE) == 6.0
    assert abs(led.target - CLOSE) == 15.0


def test_an_analyst_that_leads_cannot_trade_against_a_score_at_the_threshold():
    refused = joined(Policy.ANALYST, LONG, view(Action.SHORT))
    assert refused.outcome is Outcome.REFUSED
    assert "+0.60" in refused.reason
    without_levels = replace(FLAT, score=0.5, confidence=50.0)
    assert joined(Policy.ANALYST, without_levels, view(Action.SHORT)).outcome is Outcome.REFUSED
    assert joined(Policy.ANALYST, LONG, view(Action.LONG)).outcome is Outcome.SIGNAL


def test_an_analyst_cannot_trade_where_no_levels_can_be_placed():
    assert joined(Policy.ANALYST, FLAT, view(Action.LONG), {}).outcome is Outcome.REFUSED


@pytest.mark.parametrize("action", [Action.HOLD, Action.CLOSE])
def test_an_analyst_that_leads_and_does_not_want_to_trade_does_not(action):
    held = joined(Policy.ANALYST, LONG, view(action))
    assert (held.outcome, held.direction) == (Outcome.HOLD, Direction.FLAT)


@pytest.mark.parametrize(
    ("action", "wanted", "stop"),
    [
        (Action.LONG, 96.0, 96.0),
        (Action.LONG, 91.0, 91.0),
        (Action.LONG, 90.9, 94.0),
        (Action.LONG, 97.1, 94.0),
        (Action.LONG, 105.0, 94.0),
        (Action.LONG, -5.0, 94.0),
        (Action.SHORT, 104.0, 104.0),
        (Action.SHORT, 96.0, 106.0),
    ],
)
def test_the_stop_of_an_analyst_counts_within_bounds(action, wanted, stop):
    assert joined(Policy.ANALYST, FLAT, view(action, stop_loss=wanted)).stop == stop


@pytest.mark.parametrize(
    ("action", "wanted", "target"),
    [
        (Action.LONG, 109.0, 109.0),
        (Action.LONG, 99.0, 115.0),
        (Action.SHORT, 91.0, 91.0),
        (Action.SHORT, 101.0, 85.0),
        (Action.SHORT, -1.0, 85.0),
    ],
)
def test_the_target_of_an_analyst_counts_on_its_side(action, wanted, target):
    assert joined(Policy.ANALYST, FLAT, view(action, take_profit=wanted)).target == target


def test_conditions_of_an_analyst_are_added_where_they_can_be_read_and_are_not_met_yet():
    said = (
        "close below 96.5 on 1h",
        "close below 95.5",
        "close below 101",
        "close above 103",
        "the mood turns",
    )
    led = joined(Policy.ANALYST, FLAT, view(Action.LONG, invalidation=said))
    assert led.invalidation == (ENDED, Condition(Side.BELOW, 96.5, Interval.H1))


def test_only_a_signal_has_a_direction_and_levels():
    with pytest.raises(ValueError, match="hold"):
        Combined(Outcome.HOLD, Direction.LONG, 1.0, None, None, (), 1.0, "")
    with pytest.raises(ValueError, match="signal"):
        Combined(Outcome.SIGNAL, Direction.LONG, 1.0, 94.0, None, (), 1.0, "")
    with pytest.raises(ValueError, match="risk_scale"):
        Combined(Outcome.HOLD, Direction.FLAT, 1.0, None, None, (), 0.0, "")


def test_why_an_analyst_is_spared_the_question():
    asked = {"held": False, "ask_from": 0.2}
    assert why_not_asked(Policy.RULES, LONG, **asked) == "the policy asks nobody"
    assert why_not_asked(Policy.CONFIRM, FLAT, **asked) == (
        "score +0.10 is below 0.20 and no position is open"
    )
    assert why_not_asked(Policy.CONFIRM, FLAT, held=True, ask_from=0.2) == ""
    assert why_not_asked(Policy.ANALYST, SHORT, **asked) == ""


@pytest.mark.parametrize(
    ("policy", "rules", "verdict", "reason"),
    [
        (Policy.RULES, SHORT, None, ExitReason.OPPOSITE),
        (Policy.RULES, SHORT, view(Action.LONG), ExitReason.OPPOSITE),
        (Policy.RULES, LONG, view(Action.CLOSE), None),
        (Policy.RULES, FLAT, None, None),
        (Policy.CONFIRM, SHORT, view(Action.LONG), None),
        (Policy.CONFIRM, SHORT, view(Action.HOLD), ExitReason.OPPOSITE),
        (Policy.CONFIRM, SHORT, Abstention(AbstentionReason.TIMEOUT), ExitReason.OPPOSITE),
        (Policy.CONFIRM, SHORT, None, ExitReason.OPPOSITE),
        (Policy.CONFIRM, LONG, view(Action.CLOSE), ExitReason.ANALYST),
        (Policy.CONFIRM, FLAT, view(Action.SHORT), None),
        (Policy.CONFIRM, SHORT, view(Action.SHORT), ExitReason.OPPOSITE),
        (Policy.ANALYST, FLAT, view(Action.SHORT), ExitReason.OPPOSITE),
        (Policy.ANALYST, FLAT, view(Action.HOLD), None),
        (Policy.ANALYST, FLAT, view(Action.CLOSE), ExitReason.ANALYST),
        (Policy.ANALYST, SHORT, view(Action.LONG), None),
    ],
)
def test_why_a_long_position_is_left(policy, rules, verdict, reason):
    assert exit_reason(policy, Direction.LONG, rules, verdict) is reason
    assert exit_reason(policy, Direction.FLAT, rules, verdict) is None


def test_verdicts_in_words():
    assert in_words(None) == "not_asked"
    assert in_words(Abstention(AbstentionReason.TIMEOUT)) == "timeout"
    assert in_words(view(Action.LONG, 70.4)) == "LONG 70"


def test_a_view_that_is_hardly_sure_of_itself_enters_nothing_and_blocks_no_exit():
    unsure = view(Action.LONG, 19.9)
    assert joined(Policy.CONFIRM, LONG, unsure).outcome is Outcome.VETOED
    assert joined(Policy.ANALYST, FLAT, unsure).outcome is Outcome.HOLD
    for policy in (Policy.CONFIRM, Policy.ANALYST):
        assert exit_reason(policy, Direction.LONG, SHORT, unsure) is ExitReason.OPPOSITE
        assert exit_reason(policy, Direction.LONG, SHORT, view(Action.LONG, 20.0)) is None
