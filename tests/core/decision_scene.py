"""Bars, signals and a journal of decisions for tests of who decides and who writes it down."""

import asyncio
from dataclasses import replace

from core.journal.evaluations import Recorded
from core.journal.trade_records import pending_trade
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import (
    Decision,
    Direction,
    Outcome,
    RuleVerdict,
    Signal,
    SignalKey,
    Strength,
)
from core.model.source import Source
from core.shadow_traders import JudgedBar
from tests.builders import START_MS, candle
from tests.core.paper_scene import FakeJournal

MINUTE = 60_000
SYMBOL = "BTCUSDT"
FEATURES = FeatureSet({"atr_14": 2.0}, ())


def at(bar):
    return START_MS + bar * MINUTE


def key(bar=0, symbol=SYMBOL):
    return SignalKey(symbol, Interval.M1, at(bar), "rules-1")


def rules(direction=Direction.LONG, score=0.7):
    if direction is Direction.FLAT:
        return RuleVerdict(direction, Strength.HOLD, score, 0.0, (), None, None)
    sign = direction.sign
    strength = Strength.BUY if sign > 0 else Strength.SELL
    stop, target = 100.0 - sign * 4.0, 100.0 + sign * 10.0
    return RuleVerdict(direction, strength, sign * score, 60.0, (), stop, target)


def judged(bar=0, direction=Direction.LONG, **changes):
    return JudgedBar(key(bar), 100.0, FEATURES, rules(direction, **changes))


def signal(bar=0, source=Source.RULES, **changes):
    made = Signal(
        key=key(bar),
        direction=Direction.LONG,
        strength=Strength.BUY,
        score=0.7,
        confidence=60.0,
        reference_price=100.0,
        stop=96.0,
        target=110.0,
        quantity=2.0,
        decided_ms=at(bar + 1) + 400,
        reasons=("because",),
        source=source,
    )
    return replace(made, **changes)


def evaluation(bar=0, *, entered=None, shadows=(), exits=(), outcome=None):
    outcome = outcome or (Outcome.HOLD if entered is None else Outcome.SIGNAL)
    decision = Decision(
        key(bar),
        outcome,
        "as the test says",
        at(bar + 1) + 300,
        at(bar + 1) + 400,
        shadows={each.source: f"signal {each.direction.value}" for each in shadows},
    )
    return Evaluation(decision, entered, (), (), None, tuple(shadows), tuple(exits))


def update(bar=0, *, late_ms=300, **changes):
    return CandleUpdate(
        SYMBOL, Interval.M1, candle(at(bar)), True, at(bar + 1) + late_ms, **changes
    )


class BookJournal(FakeJournal):
    """
    Journal and reader of decisions as well.

    Attributes:
        rows: Decisions in the order they were written.
    """

    def __init__(self, *trades):
        super().__init__(*trades)
        self.rows = []
        self.calls = []
        self.signals = []

    def record_evaluation(self, decision, *, signal=None, shadows=(), calls=()):
        self.calls += calls
        if any(row.key == decision.key for row in self.rows):
            return None
        self.rows.append(decision)
        signals = shadows if signal is None else (signal, *shadows)
        first = max(self.trades, default=0) + 1
        made = [pending_trade(first + i, each) for i, each in enumerate(signals)]
        self.trades |= {trade.id: trade for trade in made}
        if signal is not None:
            self.signals.append(signal)
        return Recorded(None, tuple(trade.id for trade in made))

    def record_decisions(self, decisions):
        self.rows.extend(decisions)

    def add_readings(self, readings):
        pass

    def decisions(self, symbol, interval, start_ms, end_ms):
        return tuple(row for row in self.rows if start_ms <= row.key.open_time_ms < end_ms)

    def last_evaluated_ms(self, symbol, interval):
        return max((row.key.open_time_ms for row in self.rows), default=None)

    def signal_times_since(self, since_ms):
        return tuple(each.decided_ms for each in self.signals)

    def entry_times(self, source):
        return tuple(t.decided_ms for t in self.trades.values() if t.source is source)


class AtOnceWriter:
    """
    Writes in this thread.

    Attributes:
        room: While it is not set, nothing can be written.
    """

    def __init__(self):
        self.room = asyncio.Event()
        self.room.set()

    async def write(self, method, *arguments, **named):
        await self.room.wait()
        return method(*arguments, **named)

    async def offer(self, method, *arguments, **named):
        if self.room.is_set():
            method(*arguments, **named)

    async def settled(self, written):
        if self.room.is_set():
            await asyncio.wait({written})
