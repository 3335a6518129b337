"""Judges the accounts for a page: in a thread, and kept while nothing is new."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from threading import Lock

import numpy as np

from core.journal.errors import JournalError
from core.journal.success_reader import SuccessReader
from core.model.candles import FloatArray, TimeArray
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.source import Source
from core.model.trade import Trade
from ops.metric_windows import Window
from ops.success_report import SuccessReport, empty_report, success_report, told_accounts
from ui.performance.question import Question
from ui.shell.account import Opened

_KEPT = 12  # questions: four periods of a few symbols
# Of one core at most, whatever the journal's size: figures get older instead.
_SHARE_OF_CORE = 0.05
_LONGEST_REST_S = 60.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """
    How new the journal is.

    Attributes:
        newest_ms: None while nothing was recorded.
        fault: Why it cannot be read.
    """

    newest_ms: int | None = None
    open_trades: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """
    What an account was worth over a window, oldest first.

    Attributes:
        start: Before the first point.
    """

    start: float
    at_ms: TimeArray
    equity: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """
    Accounts side by side, with what the figures were made of.

    Attributes:
        trades: Closed in the window, in the order of their exits.
        curves: Of accounts with a point; none when one symbol is asked for.
        symbols: All that were traded in the window, whatever symbol is asked for.
        is_begun: Whether anything was ever recorded.
        interval: Of the bars that are decided on.
    """

    report: SuccessReport
    trades: Mapping[Source, tuple[Trade, ...]] = field(default_factory=dict)
    curves: Mapping[Source, Curve] = field(default_factory=dict)
    symbols: tuple[str, ...] = ()
    is_begun: bool = True
    interval: Interval = Interval.M15


@dataclass(frozen=True, slots=True)
class _Answer:
    judged: Judged
    stamp: Stamp


class PerformanceDesk:
    """
    Args:
        open_it: Raises `MissingJournalError` or `EmptyJournalError` while there is none.
        starting_equity: What accounts began with.
        interval: Of the bars that are decided on.
        monotonic: Seconds that never jump.
    """

    def __init__(
        self,
        open_it: Callable[[], SuccessReader],
        starting_equity: float,
        interval: Interval,
        monotonic: Callable[[], float],
    ) -> None:
        self._opened = Opened(open_it)
        self._starting_equity = starting_equity
        self._interval = interval
        self._monotonic = monotonic
        self._answers: OrderedDict[Question, _Answer] = OrderedDict()
        self._one_at_a_time = Lock()
        self._told = Stamp()
        self._rests_until_s = -inf

    def stamp(self) -> Stamp:
        """
        Return how new the journal is; for a while after much work, how new it was.

        So pages that ask with each new stamp never keep more than a share of a core busy.
        """
        if self._monotonic() < self._rests_until_s:
            return self._told
        try:
            reader = self._opened.journal()
            self._told = Stamp() if reader is None else _stamp(reader)
        except JournalError as error:
            self._told = Stamp(fault=str(error))
        return self._told

    def judged(self, question: Question) -> Judged:
        """
        Return what came of all accounts; takes up to seconds with a long history.

        Raises:
            JournalError: If the journal cannot be read.
        """
        reader = self._opened.journal()
        stamp = Stamp() if reader is None else _stamp(reader)
        if reader is None or stamp.newest_ms is None:
            report = empty_report(self._starting_equity, question.symbol)
            return Judged(report, is_begun=False)
        with self._one_at_a_time:
            answer = self._answers.get(question)
            if answer is None or answer.stamp != stamp:
                answer = self._answered(reader, question, stamp, stamp.newest_ms)
            self._answers.move_to_end(question)
            return answer.judged

    def _answered(
        self, reader: SuccessReader, question: Question, stamp: Stamp, newest_ms: int
    ) -> _Answer:
        begun_s = self._monotonic()
        window = question.window(newest_ms)
        report = success_report(
            reader, window, starting_equity=self._starting_equity, symbol=question.symbol
        )
        every = {source: _closed(reader, source, window) for source in Source}
        wanted = question.symbol
        judged = Judged(
            report,
            {
                source: tuple(t for t in trades if wanted in (None, t.symbol))
                for source, trades in every.items()
            },
            self._curves(reader, window, told_accounts(report)) if wanted is None else {},
            tuple(sorted({trade.symbol for trades in every.values() for trade in trades})),
            interval=self._interval,
        )
        now_s = self._monotonic()
        answer = _Answer(judged, stamp)
        self._rests_until_s = now_s + min((now_s - begun_s) / _SHARE_OF_CORE, _LONGEST_REST_S)
        self._answers[question] = answer
        while len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        return answer

    def _curves(
        self, reader: SuccessReader, window: Window, sources: Iterable[Source]
    ) -> dict[Source, Curve]:
        found = {}
        for source in sources:
            worth = reader.equity_at(window.start_ms, source)
            start = self._starting_equity if worth is None else worth
            # As the report has it: a day's last point is that of midnight.
            points = reader.equity_curve(window.start_ms + 1, source)
            inside = [point for point in points if point.at_ms <= window.end_ms]
            if inside and start > 0.0:  # a fall from nothing has no meaning
                found[source] = _curve(start, inside)
        return found


def _stamp(reader: SuccessReader) -> Stamp:
    return Stamp(reader.newest_ms(), len(reader.open_trades()))


def _closed(reader: SuccessReader, source: Source, window: Window) -> tuple[Trade, ...]:
    trades = reader.closed_trades(source, since_ms=window.start_ms)
    return tuple(t for t in trades if t.exit_ms is not None and t.exit_ms < window.end_ms)


def _curve(start: float, points: list[EquityPoint]) -> Curve:
    return Curve(
        start,
        np.array([point.at_ms for point in points], dtype=np.int64),
        np.array([point.equity for point in points], dtype=np.float64),
    )
