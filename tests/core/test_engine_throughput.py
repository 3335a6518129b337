"""Bars of several symbols at once, and an analyst who takes longer than a bar."""

import asyncio

import pytest

from core.model.intervals import MINUTE_MS
from core.model.verdict import Action, Consultation, LlmCall, View
from tests.builders import START_MS, instrument, random_walk
from tests.core.test_engine import HISTORY, ScriptedFeed, Stage

FIRST, LAST = HISTORY + 40, HISTORY + 150
ASKED_MS = START_MS + FIRST * MINUTE_MS
SYMBOLS = ("BTCUSDT", "ETHUSDT")
# Each of them leaves a long trade open at FIRST, and then falls through its stop.
SEEDS = (9, 14)


class TwoMarkets(ScriptedFeed):
    """Bars of both symbols close at the same instant; the second's market is as given."""

    other = random_walk(HISTORY + 400, seed=SEEDS[1], symbol=SYMBOLS[1])

    def __init__(self, store, script, symbol):
        super().__init__(store, script, symbol)
        self.symbols = SYMBOLS
        self.instruments = {each: instrument(each, tick="0.01") for each in SYMBOLS}
        store.merge(self.other.between(None, script[0][0].open_time_ms - MINUTE_MS))

    async def run(self):
        theirs = {candle.open_time_ms: candle for candle in self.other}
        bars = self._script
        for candle, from_rest, lateness_ms in bars:
            for symbol, bar in zip(SYMBOLS, (candle, theirs[candle.open_time_ms]), strict=True):
                self.symbol, self._script = symbol, [(bar, from_rest, lateness_ms)]
                await self._announce()
        await self.announced()
        self.done.set()
        await asyncio.Event().wait()

    async def _announce(self):
        """Let the parent announce one bar; it then waits for good."""
        one = asyncio.ensure_future(super().run())
        await self.done.wait()
        self.done.clear()
        one.cancel()

    async def announced(self):
        """All bars were told."""


class SlowAnalyst:
    """Answers nobody until it is released; then everybody."""

    def __init__(self):
        self.released = asyncio.Event()
        self.asked = []

    async def judge(self, facts):
        self.asked.append(facts.symbol)
        await self.released.wait()
        call = LlmCall("[]", "0" * 64, "{}", "deepseek-flash", 1, 0, 1, 0.0, 900)
        view = View(Action.LONG, 90.0, None, None, None, "Up.")
        return Consultation(view, (call,))


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    stage.market = random_walk(HISTORY + 400, seed=SEEDS[0])
    stage.settings = stage.settings.model_copy(update={"symbols": SYMBOLS})
    stage.feed = TwoMarkets
    stage.until = "SELECT count(*) = 80 FROM decisions"
    stage.play(HISTORY, FIRST)
    return stage


def test_stops_of_all_symbols_are_hit_while_two_questions_wait_and_late_answers_trade_nothing(
    stage,
):
    held = stage.rows("SELECT id, symbol FROM trades WHERE source = 'policy' AND status = 'open'")
    assert {symbol for _, symbol in held} == set(SYMBOLS)
    analyst = SlowAnalyst()
    seen = {}

    class Releasing(TwoMarkets):
        async def announced(self):
            await stage.seen("SELECT count(*) = 80 + 2 * 109 FROM decisions")
            seen["asked"] = sorted(analyst.asked)
            seen["late"] = stage.rows("SELECT count(*) FROM decisions WHERE outcome = 'late'")
            seen["ended"] = stage.rows(
                "SELECT id, symbol FROM trades "
                "WHERE source = 'policy' AND exit_reason = 'stop' ORDER BY id"
            )
            self.tells_time = True
            analyst.released.set()

    stage.analyst, stage.feed = analyst, Releasing
    stage.until = f"SELECT count(*) = 2 FROM decisions WHERE open_time_ms = {ASKED_MS}"
    stage.play(FIRST, LAST)

    assert seen == {"asked": list(SYMBOLS), "late": [(0,)], "ended": sorted(held)}
    late = stage.rows(
        "SELECT symbol, open_time_ms, signal_id FROM decisions WHERE outcome = 'late' ORDER BY 1"
    )
    assert late == [(symbol, ASKED_MS, None) for symbol in SYMBOLS]
    asked = stage.rows("SELECT symbol, open_time_ms, answer FROM llm_calls ORDER BY 1")
    assert asked == [(symbol, ASKED_MS, "{}") for symbol in SYMBOLS]
    since = f"source = 'policy' AND decided_ms >= {ASKED_MS + MINUTE_MS}"
    assert stage.rows(f"SELECT count(*) FROM trades WHERE {since}") == [(0,)]
