from dataclasses import replace

import pytest

from core.model.features import FeatureSet
from core.model.signal import Direction
from core.model.source import SHADOWS, Source
from core.model.trade import ExitReason
from core.shadow_traders import ShadowTraders
from core.signals.levels import LevelParams
from core.trading.account import Account, Halt, Position
from core.trading_limits import limits_of
from tests.builders import instrument, settings
from tests.core.decision_scene import SYMBOL, judged

LIMITS = limits_of(settings())
RULES, RANDOM = Source.RULES, Source.RANDOM
LONG = Position(Direction.LONG, 100.0, 96.0, 110.0, 200.0)


def traders(share=1.0):
    return ShadowTraders(limits=LIMITS, levels=LevelParams(), share=share, seed=1)


def judge(bar, accounts=None, share=1.0):
    known = {source: Account(10_000.0) for source in SHADOWS} | (accounts or {})
    return traders(share).judge(bar, known.__getitem__, instrument())


def entered(shadowed):
    return {entry.source: entry.direction for entry in shadowed.entries}


@pytest.mark.parametrize("direction", [Direction.LONG, Direction.SHORT])
def test_the_rules_alone_enter_what_they_propose(direction):
    shadowed = judge(judged(direction=direction), share=0.0)
    assert entered(shadowed) == {RULES: direction}
    assert shadowed.words == {RULES: f"signal {direction.value}", RANDOM: "hold"}
    assert shadowed.entries[0].admission.quantity > 0.0


def test_chance_enters_where_the_rules_do_not_and_the_same_way_again():
    bars = [judged(bar, Direction.FLAT) for bar in range(40)]
    first = [entered(judge(bar)) for bar in bars]
    assert all(each.keys() == {RANDOM} for each in first)
    assert {each[RANDOM] for each in first} == {Direction.LONG, Direction.SHORT}
    assert [entered(judge(bar)) for bar in bars] == first


def test_chance_without_levels_enters_nothing():
    bar = replace(judged(), features=FeatureSet({}, ("atr_14",)))
    assert entered(judge(bar)) == {RULES: Direction.LONG}


def test_the_gate_of_each_account_is_its_own_and_gives_its_reason():
    halted = Account(10_000.0, halts=(Halt("daily_loss", "3 % lost"),))
    shadowed = judge(judged(), {RULES: halted})
    assert entered(shadowed).keys() == {RANDOM}
    assert shadowed.words[RULES].startswith("refused daily_loss")


def test_a_position_is_held_until_the_rules_turn_round():
    held = Account(10_000.0, positions={SYMBOL: LONG})
    kept = judge(judged(), {RULES: held, RANDOM: held})
    assert (kept.entries, kept.exits) == ((), ())
    assert kept.words[RULES] == f"holds {Direction.LONG.value}"
    left = judge(judged(direction=Direction.SHORT), {RULES: held, RANDOM: held})
    assert left.entries == ()
    assert [(each.source, each.reason) for each in left.exits] == [
        (source, ExitReason.OPPOSITE) for source in SHADOWS
    ]


def test_entries_that_come_too_late_are_not_told_as_signals():
    halted = Account(10_000.0, halts=(Halt("daily_loss", "3 % lost"),))
    words = judge(judged(), {RANDOM: halted}).too_late()
    assert words[RULES] == f"too late for: signal {Direction.LONG.value}"
    assert words[RANDOM].startswith("refused")
