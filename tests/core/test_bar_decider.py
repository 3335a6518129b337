import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from core.answered import AnsweredError
from core.bar_decider import BarDecider
from core.decision_book import DecisionBook
from core.model.evaluation import Exit
from core.model.intervals import Interval
from core.model.signal import Outcome
from core.model.source import Source
from core.model.trade import ExitReason
from core.trading.account import Account
from tests.builders import candles, instrument
from tests.core.decision_scene import (
    SYMBOL,
    AtOnceWriter,
    BookJournal,
    at,
    evaluation,
    signal,
    update,
)
from tests.core.journal.builders import CALL
from tests.core.paper_scene import FakeStore, desk_over


class FakeFeed:
    def __init__(self):
        self.instruments = {SYMBOL: instrument()}

    def market_time_ms(self):
        return None


class FakeEvaluator:
    """
    Comes to what the test says.

    Attributes:
        asks: What is known when the analyst is asked; None when it is not.
        answered: Is waited for then.
        fails: What goes wrong after that.
    """

    def __init__(self):
        self.loads = asyncio.Event()
        self.loads.set()
        self.loading = 0
        self.asks = None
        self.answered = asyncio.Event()
        self.fails = None
        self.result = evaluation()
        self.seen = []

    def begin(self, symbol):
        self.seen.append(symbol)

    async def load_history(self, symbol):
        self.loading += 1
        await self.loads.wait()

    async def evaluate(self, bar, *, heard_s, accounts, instrument, asking):
        self.seen.append(accounts(Source.POLICY).at_ms)
        if self.asks is not None:
            asking(self.asks)
            await self.answered.wait()
        if self.fails is not None:
            raise self.fails
        return self.result


class Nobody:
    """No person pauses or watches anything."""

    def account(self, symbol, source, at_ms):
        return Account(1.0, at_ms=at_ms)

    def judged(self, decision):
        pass


class Regimes:
    async def record(self, evaluated):
        pass


class Scene:
    """A decider within a task group that ends with the test."""

    def __init__(self, patience_s=60.0):
        self.journal = BookJournal()
        self.writer = AtOnceWriter()
        self.feed, self.evaluator = FakeFeed(), FakeEvaluator()
        self.desk = desk_over(self.journal, FakeStore(candles([100.0] * 50)))
        self.patience_s = patience_s
        self.book = DecisionBook(
            self.journal,
            self.journal,
            self.writer,
            self.desk,
            strategy="rules-1",
            interval=Interval.M1,
            kept_ms=0,
            monotonic=lambda: 0.0,
        )

    def play(self, scenario):
        asyncio.run(self._play(scenario))

    async def _play(self, scenario):
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
                decider = BarDecider(
                    self.feed,
                    self.evaluator,
                    self.book,
                    Regimes(),
                    writer=self.writer,
                    by_hand=Nobody(),
                    tasks=tasks,
                    interval=Interval.M1,
                    monotonic=lambda: 0.0,
                    patience_s=self.patience_s,
                )
                await scenario(decider)
                self.went_well = True
                raise asyncio.CancelledError  # what still waits ends with the engine
        assert self.went_well

    went_well = False

    @property
    def outcomes(self):
        return [row.outcome for row in self.journal.rows]


async def until(condition):
    while not condition():
        await asyncio.sleep(0)


def test_a_bar_becomes_its_row_and_its_signals_become_trades():
    scene = Scene()
    entered, shadow = signal(source=Source.POLICY), signal()
    scene.evaluator.result = evaluation(entered=entered, shadows=[shadow])
    scene.play(lambda decider: decider.decide(update(), 0.0))
    assert scene.outcomes == [Outcome.SIGNAL]
    assert [trade.source for trade in scene.journal.trades.values()] == ["policy", "rules"]
    assert scene.evaluator.seen == [at(1) + 300]


@pytest.mark.parametrize(
    "changes", [{"from_rest": True}, {"held": True}], ids=["told by REST", "held up"]
)
def test_a_bar_that_was_learnt_too_late_is_a_stale_row(changes):
    scene = Scene()
    scene.play(lambda decider: decider.decide(update(late_ms=3_001, **changes), 0.0))
    assert scene.evaluator.seen == [], "it is not even looked at"
    scene.evaluator.result = evaluation(1)
    scene.play(lambda decider: decider.decide(update(1, late_ms=2_999, **changes), 0.0))
    assert scene.outcomes == [Outcome.STALE, Outcome.HOLD]


def test_a_symbol_without_rules_is_a_stale_row():
    scene = Scene()
    scene.feed.instruments = {}
    scene.play(lambda decider: decider.decide(update(), 0.0))
    assert scene.outcomes == [Outcome.STALE]
    assert "rules for this symbol" in scene.journal.rows[0].reason


def test_history_that_does_not_come_holds_no_bar_up_for_long_and_is_asked_for_once():
    scene = Scene(patience_s=0.01)
    scene.evaluator.loads.clear()

    async def scenario(decider):
        for bar in range(2):
            scene.evaluator.result = evaluation(bar)
            await decider.decide(update(bar), 0.0)
        assert scene.evaluator.loading == 1
        scene.evaluator.loads.set()

    scene.play(scenario)
    assert scene.outcomes == [Outcome.HOLD] * 2


def test_a_failing_evaluation_costs_its_own_bar_only():
    scene = Scene()

    async def scenario(decider):
        scene.evaluator.fails = ZeroDivisionError("by nothing")
        await decider.decide(update(0), 0.0)
        scene.evaluator.fails = None
        scene.evaluator.result = evaluation(1)
        await decider.decide(update(1), 0.0)

    scene.play(scenario)
    assert scene.outcomes == [Outcome.STALE, Outcome.HOLD]
    assert "by nothing" in scene.journal.rows[0].reason


def test_an_evaluation_that_fails_after_the_question_gives_its_places_back():
    scene = Scene()
    shadow = signal()
    scene.evaluator.asks = evaluation(shadows=[shadow])
    scene.evaluator.fails = LookupError("gone")

    async def scenario(decider):
        await decider.decide(update(), 0.0)
        assert _hourly(scene.book) == 1
        scene.evaluator.answered.set()
        await until(lambda: scene.outcomes)

    scene.play(scenario)
    assert scene.outcomes == [Outcome.STALE]
    assert _hourly(scene.book) == 0
    assert scene.journal.trades == {}


def test_what_was_asked_for_an_evaluation_that_then_fails_is_kept():
    scene = Scene()
    scene.evaluator.fails = AnsweredError("gone", (CALL,))

    async def scenario(decider):
        await decider.decide(update(), 0.0)

    scene.play(scenario)
    assert scene.outcomes == [Outcome.STALE]
    assert scene.journal.calls == [CALL]


def test_nobody_waits_for_the_analyst_and_shadows_trade_by_what_they_decided_before():
    scene = Scene()
    shadow = signal()
    scene.evaluator.asks = evaluation(shadows=[shadow])
    scene.evaluator.result = replace(scene.evaluator.asks)

    async def scenario(decider):
        await decider.decide(update(), 0.0)
        assert scene.outcomes == []
        assert _hourly(scene.book) == 1
        # The next bar: the analyst is still busy, and the shadow account turns round.
        scene.evaluator.asks = None
        leaving = Exit(Source.RULES, ExitReason.OPPOSITE)
        scene.evaluator.result, first = evaluation(1, exits=[leaving]), scene.evaluator.result
        await decider.decide(update(1), 0.0)
        assert scene.outcomes == [Outcome.HOLD]
        scene.evaluator.result = first
        scene.evaluator.answered.set()
        await until(lambda: len(scene.outcomes) > 1)
        await until(lambda: scene.desk.next_bar_ms(SYMBOL))
        await scene.desk.walk(SYMBOL, at(9))

    scene.play(scenario)
    (trade,) = scene.journal.trades.values()
    assert trade.exit_reason is ExitReason.OPPOSITE
    assert trade.exit_ms == at(3)
    assert _hourly(scene.book) == 1


def test_a_question_that_is_open_when_the_engine_ends_leaves_a_row():
    scene = Scene()
    scene.evaluator.asks = evaluation(shadows=[signal()])
    scene.play(lambda decider: decider.decide(update(), 0.0))
    assert scene.outcomes == [Outcome.ENGINE_DOWN]
    assert "answered" in scene.journal.rows[0].reason
    assert [trade.source for trade in scene.journal.trades.values()] == [Source.RULES]


def test_a_symbol_begins_with_rows_for_what_nobody_saw():
    scene = Scene()
    scene.journal.rows.append(evaluation(0).decision)
    scene.book = DecisionBook(
        scene.journal,
        scene.journal,
        scene.writer,
        scene.desk,
        strategy="rules-1",
        interval=Interval.M1,
        kept_ms=Interval.D1.duration_ms,
    )
    scene.play(lambda decider: decider.begin(update(3)))
    assert scene.evaluator.seen == [SYMBOL]
    assert scene.outcomes == [Outcome.HOLD, Outcome.ENGINE_DOWN, Outcome.ENGINE_DOWN]


def _hourly(book):
    seen = book.account(Source.RULES, at(2), equity=1.0, positions={}, last_exits={})
    return seen.signals_last_hour
