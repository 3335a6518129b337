"""What becomes of evaluations: their rows, and what a signal takes of the account at once."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation
from core.model.intervals import Interval
from core.model.signal import Decision, Outcome, SignalKey
from core.paper_desk import PaperDesk
from core.trading.account import Account

HOUR_MS = 3_600_000
# Whoever watches learns of a signal by its row: one that comes later than this is no occasion.
LATEST_ROW_S = 10.0


class DecisionBook:
    """
    Write a row for each bar, and hand signals whose row is written to the paper desk.

    Args:
        strategy: Fingerprint of whoever decides.
        interval: Of the bars that are decided on.
        kept_ms: How far back missed bars are told of.
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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._writer = writer
        self._desk = desk
        self._strategy = strategy
        self._interval = interval
        self._kept_ms = kept_ms
        self._monotonic = monotonic
        self._signal_times: deque[int] = deque()
        self._unwritten: set[str] = set()

    def recover(self) -> None:
        """Read what the journal knows of the signals before us."""
        self._signal_times.extend(self._reader.signal_times_since(0))

    def account(self, now_ms: int, equity: float) -> Account:
        """Return what the risk gate looks at, signals included whose rows wait to be written."""
        while self._signal_times and self._signal_times[0] <= now_ms - HOUR_MS:
            self._signal_times.popleft()
        return Account(
            equity=equity,
            open_symbols=self._desk.open_symbols | self._unwritten,
            signals_last_hour=len(self._signal_times),
        )

    def reserve(self, evaluation: Evaluation) -> None:
        """Take a signal's place at once, so that no two symbols can both take the last."""
        if evaluation.signal is not None:
            self._signal_times.append(evaluation.decision.closed_ms)
            self._unwritten.add(evaluation.decision.key.symbol)

    async def record(self, evaluation: Evaluation) -> None:
        """Write an evaluation that `reserve` was told of; its signal is traded from then on."""
        decision = evaluation.decision
        signal_id = await self._writer.write(self._insert, evaluation, self._monotonic())
        if signal_id is not None:
            await self._writer.write(self._desk.adopt, signal_id)
        if evaluation.signal is not None:
            self._unwritten.discard(decision.key.symbol)
            if signal_id is None and decision.closed_ms in self._signal_times:
                self._signal_times.remove(decision.closed_ms)
        await self._writer.offer(self._journal.add_readings, evaluation.readings)

    async def record_missed(self, first: CandleUpdate) -> None:
        """Leave a row for each bar that closed while no engine ran; never a late signal."""
        last_ms = await self._writer.write(
            self._reader.last_evaluated_ms, first.symbol, self._interval
        )
        if last_ms is None:
            return
        step = self._interval.duration_ms
        end_ms = self._interval.open_time_ms(first.candle.open_time_ms)
        for open_time_ms in range(max(last_ms + step, end_ms - self._kept_ms), end_ms, step):
            reason = "the engine was not running when this bar closed"
            missed = self._without_verdict(first, open_time_ms, Outcome.ENGINE_DOWN, reason)
            await self._writer.write(self._journal.record_evaluation, missed)

    async def record_unfit(self, update: CandleUpdate, open_time_ms: int, reason: str) -> None:
        """Leave a row for a bar that was not looked at."""
        unfit = self._without_verdict(update, open_time_ms, Outcome.STALE, reason)
        close = update.candle.close
        await self._writer.write(self._journal.record_evaluation, replace(unfit, close=close))

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

    def _insert(self, evaluation: Evaluation, since_s: float) -> int | None:
        """Write it as it is, or, when it waited too long for the journal, without its signal."""
        decision, signal = evaluation.decision, evaluation.signal
        if signal is not None and self._monotonic() - since_s > LATEST_ROW_S:
            reason = "the journal could not be written in time"
            decision, signal = replace(decision, outcome=Outcome.STALE, reason=reason), None
        return self._journal.record_evaluation(decision, signal=signal, call=evaluation.call)
