import asyncio

import pytest

from core.answered import AnsweredError
from core.model.policy import Policy
from core.model.signal import Direction, Outcome
from core.model.source import Source
from core.model.trade import ExitReason
from core.model.verdict import Action, Consultation, Facts, View
from core.policy_trader import PolicyTrader
from core.signals.levels import LevelParams
from core.trading.account import Account, Halt, Position
from core.trading_limits import limits_of
from tests.builders import instrument, settings
from tests.core.decision_scene import SYMBOL, at, judged
from tests.core.journal.builders import CALL

LONG = Position(Direction.LONG, 100.0, 96.0, 110.0, 200.0)
FLAT, HOLDING = Account(10_000.0), Account(10_000.0, positions={SYMBOL: LONG})
IN_TIME_MS, TOO_LATE_MS = at(1) + 400, at(2)


class FakeAnalyst:
    """Says always the same, or fails."""

    def __init__(self, action=Action.LONG, confidence=80.0, fails=None):
        self.view = View(action, confidence, None, None, None, "because")
        self.fails = fails
        self.asked = []
        self.calls = ()

    async def judge(self, facts):
        self.asked.append(facts)
        if self.fails is not None:
            raise self.fails
        return Consultation(self.view, self.calls)


def decide(analyst, bar=None, *, accounts=(FLAT,), policy=Policy.CONFIRM, at_ms=IN_TIME_MS):
    """Decide on one bar; of the accounts the last one stands for good."""
    trader = PolicyTrader(
        policy,
        analyst=analyst,
        ask_from=0.4,
        limits=limits_of(settings()),
        levels=LevelParams(),
    )
    left = list(accounts)
    bar = bar or judged()

    def facts(held):
        position = None if held is None else {"direction": held.direction.value}
        return Facts(SYMBOL, bar.key.interval, bar.close, bar.features, bar.rules, position)

    return asyncio.run(
        trader.decide(
            bar,
            facts=facts,
            account=lambda: left.pop(0) if len(left) > 1 else left[0],
            instrument=instrument(),
            asking=lambda: None,
            decided_ms=lambda: at_ms,
        )
    )


def test_what_rules_and_analyst_agree_on_is_entered():
    concluded, exits, at_ms = decide(FakeAnalyst())
    assert concluded.outcome is Outcome.SIGNAL
    assert concluded.entry.source is Source.POLICY
    assert concluded.entry.direction is Direction.LONG
    assert (exits, at_ms) == ((), IN_TIME_MS)


def test_without_anybody_to_ask_the_rules_stand_alone():
    concluded, _, _ = decide(None)
    assert concluded.outcome is Outcome.SIGNAL
    assert concluded.analyst == "no_key"


@pytest.mark.parametrize("failure", [AssertionError("a"), KeyError("b"), RuntimeError("c")])
def test_an_analyst_that_fails_is_an_abstention_that_blocks_the_entry(failure):
    concluded, exits, _ = decide(FakeAnalyst(fails=failure))
    assert concluded.outcome is Outcome.REFUSED
    assert concluded.analyst == "server_error"
    assert (concluded.entry, exits) == (None, ())


def test_a_score_that_says_little_is_not_worth_a_question_unless_something_is_held():
    analyst = FakeAnalyst(Action.HOLD)
    quiet = judged(direction=Direction.FLAT, score=0.1)
    concluded, _, _ = decide(analyst, quiet)
    assert concluded.outcome is Outcome.HOLD
    assert "below 0.40" in concluded.analyst_detail
    assert analyst.asked == []
    decide(analyst, quiet, accounts=(HOLDING,))
    assert analyst.asked[0].open_position == {"direction": Direction.LONG.value}


def test_what_the_gate_refuses_anyway_costs_no_question():
    analyst = FakeAnalyst()
    halted = Account(10_000.0, halts=(Halt("drawdown", "20 % lost"),))
    for policy in (Policy.CONFIRM, Policy.ANALYST):
        concluded, _, _ = decide(analyst, accounts=(halted,), policy=policy)
        assert concluded.reason.startswith("drawdown")
    assert analyst.asked == []


def test_an_analyst_may_close_what_is_held():
    concluded, exits, _ = decide(FakeAnalyst(Action.CLOSE), accounts=(HOLDING,))
    assert [(each.source, each.reason) for each in exits] == [(Source.POLICY, ExitReason.ANALYST)]
    assert "leaves long" in concluded.reason.lower()


def test_a_position_that_ended_while_it_was_asked_about_is_not_opened_again():
    concluded, exits, _ = decide(FakeAnalyst(), accounts=(HOLDING, FLAT))
    assert concluded.reason.startswith("position_gone")
    assert (concluded.entry, exits) == (None, ())


def test_an_answer_after_the_next_bar_enters_nothing_and_closes_nothing_by_its_word():
    late, _, _ = decide(FakeAnalyst(), at_ms=TOO_LATE_MS)
    assert (late.outcome, late.entry) == (Outcome.LATE, None)
    _, exits, _ = decide(FakeAnalyst(Action.CLOSE), accounts=(HOLDING,), at_ms=TOO_LATE_MS)
    assert exits == ()


def test_the_rules_leave_a_position_also_where_the_analyst_fails():
    turned = judged(direction=Direction.SHORT)
    _, exits, _ = decide(FakeAnalyst(fails=RuntimeError("gone")), turned, accounts=(HOLDING,))
    assert [each.reason for each in exits] == [ExitReason.OPPOSITE]


def test_a_failure_after_the_answer_carries_what_was_asked():
    analyst = FakeAnalyst()
    analyst.calls = (CALL,)
    with pytest.raises(AnsweredError) as failed:
        decide(analyst, accounts=(FLAT, None))
    assert failed.value.calls == (CALL,)
