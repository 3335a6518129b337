"""What becomes of evaluations: their rows, and what a signal takes of an account at once."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from core.engine_tallies import EngineTallies
from core.journal.evaluations import Recorded
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation, Exit
from core.model.intervals import Interval
from core.model.signal import Decision, Outcome, Signal, SignalKey
from core.model.source import SHADOWS, Source
from core.model.verdict import LlmCall
from core.paper_desk import PaperDesk
from core.paper_trades import CloseCall
from core.trading.account import Account, Halt, Position

HOUR_MS = 3_600_000
# Whoever watches learns of a signal by its row: one that comes later than this is no occasion.
LATEST_ROW_S = 10.0
# Rows of missed bars in one transaction: others write in between.
_MISSED_AT_ONCE = 5_000
# How far behind the newest row a bar may be whose question was open when the engine was killed:
# 20 s, the usual patience with a model, are so many 1m bars in a market at sixty times its speed.
_ASKED_BARS = 20
_TOO_LATE = "the journal could not be written in time"
_UNANSWERED = "the engine ended before the analyst had answered"


class DecisionBook:
    """
    Write a row for each bar, and hand signals whose row is written to the paper desk.

    Args:
        strategy: Fingerprint of whoever decides.
        interval: Of the bars that are decided on.
        kept_ms: How far back missed bars are told of.
        tallies: Count what is decided.
        monotonic: Measures how long a row waited for the journal.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        writer: JournalWriter,
        desk: PaperDesk,
        *,
        strategy: str,
        interval: Interval,
        kept_ms: int,
        tallies: EngineTallies | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._writer = writer
        self._desk = desk
        self._strategy = strategy
        self._interval = interval
        self._kept_ms = kept_ms
        self._tallies = tallies or EngineTallies()
        self._monotonic = monotonic
        self._signal_times: dict[Source, deque[int]] = {source: deque() for source in Source}
        self._unwritten: dict[Source, dict[str, Position]] = {source: {} for source in Source}
        # Which of them are to be left as soon as they are trades.
        self._called: dict[tuple[Source, str], CloseCall] = {}

    def recover(self) -> None:
        """Read what the journal knows of the signals before us."""
        self._signal_times[Source.POLICY].extend(self._reader.signal_times_since(0))
        for source in (*SHADOWS, Source.HAND):
            self._signal_times[source].extend(self._reader.entry_times(source))

    def account(
        self,
        source: Source,
        at_ms: int,
        *,
        equity: float,
        positions: Mapping[str, Position],
        last_exits: Mapping[str, int],
        halts: tuple[Halt, ...] = (),
    ) -> Account:
        """
        Return what the risk gate looks at, signals included whose rows wait to be written.

        Args:
            source: Whose account.
            at_ms: Market time now.
            equity: With open P&L.
            positions: Pending and open trades by symbol.
            last_exits: When each symbol's newest trade ended.
            halts: Why nothing may be entered.
        """
        times = self._signal_times[source]
        while times and times[0] <= at_ms - HOUR_MS:
            times.popleft()
        return Account(
            equity=equity,
            positions={**self._unwritten[source], **positions},
            signals_last_hour=len(times),
            at_ms=at_ms,
            last_exit_ms=last_exits,
            halts=halts,
        )

    def reserve(self, signals: Sequence[Signal]) -> None:
        """Take signals' places at once, so that no two symbols can both take the last."""
        for signal in signals:
            self._signal_times[signal.source].append(signal.decided_ms)
            self._unwritten[signal.source][signal.key.symbol] = Position(
                signal.direction,
                None,
                signal.stop,
                signal.target,
                signal.quantity * signal.reference_price,
            )

    def entered(self, source: Source, at_ms: int) -> None:
        """Count an entry that no signal stands for."""
        self._signal_times[source].append(at_ms)

    def release(self, signals: Sequence[Signal]) -> None:
        """Give the places of signals back that will not be written."""
        for signal in signals:
            self._written(signal)
            times = self._signal_times[signal.source]
            if signal.decided_ms in times:
                times.remove(signal.decided_ms)

    async def leave(self, symbol: str, exits: Sequence[Exit], at_ms: int) -> None:
        """
        Have accounts leave their positions at the first open from an instant of market time on.

        One whose row still waits to be written, for the journal or for a question about the same
        bar, is left by the same open as if it had been there.
        """
        for each in exits:
            if symbol in self._unwritten[each.source]:
                call = CloseCall(each.reason, at_ms)
                self._called.setdefault((each.source, symbol), call)
            else:
                await self._desk.close(symbol, each.source, each.reason, at_ms)

    async def record(self, evaluation: Evaluation) -> None:
        """Write an evaluation; its signals, as told to `reserve`, are traded from then on."""
        recorded = await self._writer.write(self._insert, evaluation, self._monotonic())
        signals = _signals_of(evaluation)
        if recorded is None or not recorded.trade_ids:
            self.release(signals)
        else:
            await self._writer.write(self._adopt, evaluation, recorded)
            calls = [(each, self._written(each)) for each in signals]
            for each, call in calls:  # the desk knows all but those of this very moment
                if call is not None:
                    symbol = each.key.symbol
                    await self._desk.close(symbol, each.source, call.reason, call.at_ms)
        await self._writer.offer(self._journal.add_readings, evaluation.readings)

    async def record_unanswered(self, begun: Evaluation) -> None:
        """
        Leave a row for a bar whose question is open when the engine ends, if that can be done now.

        Args:
            begun: What was known when it was asked; the entries of shadow accounts are traded.
        """
        decision = replace(begun.decision, outcome=Outcome.ENGINE_DOWN, reason=_UNANSWERED)
        await self._writer.offer(self._keep, replace(begun, decision=decision))

    async def record_missed(self, first: CandleUpdate) -> None:
        """
        Leave a row for each bar that closed while no engine ran; never a late signal.

        Also for those whose question was open when the engine was killed, though later bars
        had their rows by then.
        """
        last_ms = await self._writer.write(
            self._reader.last_evaluated_ms, first.symbol, self._interval
        )
        if last_ms is None:
            return
        await self._writer.write(self._fill_holes, first, last_ms)
        step = self._interval.duration_ms
        end_ms = self._interval.open_time_ms(first.candle.open_time_ms)
        missed = range(max(last_ms + step, end_ms - self._kept_ms), end_ms, step)
        reason = "the engine was not running when this bar closed"
        for begin in range(0, len(missed), _MISSED_AT_ONCE):
            rows = [
                self._without_verdict(first, open_time_ms, Outcome.ENGINE_DOWN, reason)
                for open_time_ms in missed[begin : begin + _MISSED_AT_ONCE]
            ]
            await self._writer.write(self._journal.record_decisions, rows)
            self._count(rows)

    async def record_unfit(
        self,
        update: CandleUpdate,
        open_time_ms: int,
        reason: str,
        calls: tuple[LlmCall, ...] = (),
    ) -> None:
        """Leave a row for a bar that came to nothing, with what was asked for it all the same."""
        unfit = self._without_verdict(update, open_time_ms, Outcome.STALE, reason)
        unfit = replace(unfit, close=update.candle.close)
        write = self._writer.write
        if await write(self._journal.record_evaluation, unfit, calls=calls) is not None:
            self._tallies.decided(unfit)

    def _fill_holes(self, first: CandleUpdate, last_ms: int) -> None:
        """One question of a symbol is open at a time: it leaves one bar without a row."""
        step = self._interval.duration_ms
        start_ms = last_ms - _ASKED_BARS * step
        known = self._reader.decisions(first.symbol, self._interval, start_ms, last_ms + step)
        times = sorted({decision.key.open_time_ms for decision in known})
        rows = [
            self._without_verdict(first, before_ms + step, Outcome.ENGINE_DOWN, _UNANSWERED)
            for before_ms, after_ms in pairwise(times)
            if after_ms - before_ms == 2 * step
        ]
        self._journal.record_decisions(rows)

    def _without_verdict(
        self, update: CandleUpdate, open_time_ms: int, outcome: Outcome, reason: str
    ) -> Decision:
        return Decision(
            key=SignalKey(update.symbol, self._interval, open_time_ms, self._strategy),
            outcome=outcome,
            reason=reason,
            closed_ms=update.event_time_ms,
            decided_ms=update.event_time_ms,
        )

    def _count(self, rows: Sequence[Decision]) -> None:
        for row in rows:
            self._tallies.decided(row)

    def _written(self, signal: Signal) -> CloseCall | None:
        """Forget that a signal waits for its row; return since when its trade is to be left."""
        self._unwritten[signal.source].pop(signal.key.symbol, None)
        return self._called.pop((signal.source, signal.key.symbol), None)

    def _keep(self, evaluation: Evaluation) -> None:
        recorded = self._insert(evaluation, self._monotonic())
        if recorded is not None:
            self._adopt(evaluation, recorded)

    def _adopt(self, evaluation: Evaluation, recorded: Recorded) -> None:
        symbol = evaluation.decision.key.symbol
        asked = [(source, self._called.get((source, symbol))) for source in Source]
        calls = {source: call for source, call in asked if call is not None}
        self._desk.adopt(recorded.trade_ids, calls)

    def _insert(self, evaluation: Evaluation, since_s: float) -> Recorded | None:
        """Write it as it is, or, when it waited too long for the journal, without its signals."""
        decision, signal, shadows = evaluation.decision, evaluation.signal, evaluation.shadows
        if self._monotonic() - since_s > LATEST_ROW_S:
            told = {each.source: f"{_TOO_LATE} for: {_told(decision, each)}" for each in shadows}
            decision, shadows = replace(decision, shadows={**decision.shadows, **told}), ()
            if signal is not None:
                decision = replace(decision, outcome=Outcome.STALE, reason=_TOO_LATE)
                signal = None
        recorded = self._journal.record_evaluation(
            decision, signal=signal, shadows=shadows, calls=evaluation.calls
        )
        if recorded is not None:  # of a key that is known the row stands
            self._tallies.decided(decision)
        return recorded


def _signals_of(evaluation: Evaluation) -> tuple[Signal, ...]:
    signal = evaluation.signal
    return evaluation.shadows if signal is None else (signal, *evaluation.shadows)


def _told(decision: Decision, shadow: Signal) -> str:
    return decision.shadows.get(shadow.source, shadow.direction.value)
