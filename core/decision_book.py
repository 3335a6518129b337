"""What becomes of evaluations: their rows, and what a signal takes of an account at once."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.journal.evaluations import Recorded
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation
from core.model.intervals import Interval
from core.model.signal import Decision, Outcome, Signal, SignalKey
from core.model.source import SHADOWS, Source
from core.paper_desk import PaperDesk
from core.trading.account import Account, Halt, Position

HOUR_MS = 3_600_000
# Whoever watches learns of a signal by its row: one that comes later than this is no occasion.
LATEST_ROW_S = 10.0
# Rows of missed bars in one transaction: others write in between.
_MISSED_AT_ONCE = 5_000


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
        self._signal_times: dict[Source, deque[int]] = {source: deque() for source in Source}
        self._unwritten: dict[Source, dict[str, Position]] = {source: {} for source in Source}

    def recover(self) -> None:
        """Read what the journal knows of the signals before us."""
        self._signal_times[Source.POLICY].extend(self._reader.signal_times_since(0))
        alive = self._reader.open_trades()
        for source in SHADOWS:
            trades = (*alive, *self._reader.closed_trades(source))
            times = sorted(trade.decided_ms for trade in trades if trade.source is source)
            self._signal_times[source].extend(times)

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

    def release(self, signals: Sequence[Signal]) -> None:
        """Give the places of signals back that will not be written."""
        for signal in signals:
            self._unwritten[signal.source].pop(signal.key.symbol, None)
            times = self._signal_times[signal.source]
            if signal.decided_ms in times:
                times.remove(signal.decided_ms)

    async def record(self, evaluation: Evaluation) -> None:
        """Write an evaluation; its signals, as told to `reserve`, are traded from then on."""
        recorded = await self._writer.write(self._insert, evaluation, self._monotonic())
        if recorded is not None and recorded.trade_ids:
            await self._writer.write(self._desk.adopt, recorded.trade_ids)
        signal = evaluation.signal
        signals = evaluation.shadows if signal is None else (signal, *evaluation.shadows)
        for each in signals:
            self._unwritten[each.source].pop(each.key.symbol, None)
            times = self._signal_times[each.source]
            if (recorded is None or not recorded.trade_ids) and each.decided_ms in times:
                times.remove(each.decided_ms)
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
        missed = range(max(last_ms + step, end_ms - self._kept_ms), end_ms, step)
        reason = "the engine was not running when this bar closed"
        for begin in range(0, len(missed), _MISSED_AT_ONCE):
            rows = [
                self._without_verdict(first, open_time_ms, Outcome.ENGINE_DOWN, reason)
                for open_time_ms in missed[begin : begin + _MISSED_AT_ONCE]
            ]
            await self._writer.write(self._journal.record_decisions, rows)

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

    def _insert(self, evaluation: Evaluation, since_s: float) -> Recorded | None:
        """Write it as it is, or, when it waited too long for the journal, without its signals."""
        decision, signal, shadows = evaluation.decision, evaluation.signal, evaluation.shadows
        if self._monotonic() - since_s > LATEST_ROW_S:
            shadows = ()
            if signal is not None:
                reason = "the journal could not be written in time"
                decision, signal = replace(decision, outcome=Outcome.STALE, reason=reason), None
        return self._journal.record_evaluation(
            decision, signal=signal, shadows=shadows, calls=evaluation.calls
        )
