"""Reads the list of what is followed: one pass over all symbols, shared by all pages."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.journal.errors import JournalError
from core.journal.overview import SignalRow
from core.journal.watch_reader import LatestEvaluation, WatchReader
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from ui.figures.numbers import decimals_of
from ui.services import Services, followed_symbols
from ui.shell.account import Opened
from ui.view import View
from ui.watchlist.sparks import Spark, Sparks

_SHARED_S = 2.5
"""How long a reading serves other pages, too."""
_SIGNALS = 100


@dataclass(frozen=True, slots=True)
class WatchRow:
    """
    One symbol; None is not known.

    Attributes:
        change: Of 24 hours, in percent.
        regime: Of the interval that is decided on.
        alignment: Of each `Interval`, as its newest evaluation saw it.
        score: Of the rules, -1 to 1.
        signal: Direction of its newest signal; ``signal_ms`` is when it was decided.
        funding: Of the coming funding, in percent.
    """

    symbol: str
    decimals: int
    last: float | None = None
    change: float | None = None
    regime: str = ""
    alignment: tuple[float | None, ...] = ()
    score: float | None = None
    signal: str = ""
    signal_ms: int | None = None
    funding: float | None = None
    spark: Spark = field(default_factory=Spark)


@dataclass(frozen=True, slots=True)
class Watch:
    """All rows by the engine's order; ``fault`` says why the journal could not be read."""

    rows: tuple[WatchRow, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What the journal says, by symbol."""

    regimes: Mapping[tuple[str, Interval], RegimeChange] = field(default_factory=dict)
    signals: Mapping[str, SignalRow] = field(default_factory=dict)
    fault: str = ""


class WatchDesk:
    """
    Args:
        services: Market and engine.
        journal: Opens it.
    """

    def __init__(self, services: Services, journal: Callable[[], WatchReader]) -> None:
        self._services = services
        self._opened = Opened(journal)
        self._sparks = Sparks(services.store)
        self._evaluated: dict[str, LatestEvaluation] = {}
        self._newest = 0
        self._lock = threading.Lock()
        self._read: tuple[float, Watch] | None = None

    def watch(self, _: View) -> Watch:
        """Read it, or return what was read a moment ago."""
        with self._lock:
            now_s = self._services.monotonic()
            if self._read is None or now_s - self._read[0] >= _SHARED_S:
                self._read = now_s, self._watched()
            return self._read[1]

    def _watched(self) -> Watch:
        symbols = followed_symbols(self._services)
        now_ms = self._services.feed.market_time_ms() or 0
        self._sparks.refresh(symbols, now_ms)
        recorded, instruments = self._recorded(), self._services.feed.instruments
        rows = (self._row(s, now_ms, instruments.get(s), recorded) for s in symbols)
        return Watch(tuple(rows), recorded.fault)

    def _recorded(self) -> _Recorded:
        try:
            journal = self._opened.journal()
            if journal is None:
                return _Recorded()
            for found in journal.latest_since(self._newest):
                self._evaluated[found.symbol] = found
                self._newest = max(self._newest, found.id)
            signals: dict[str, SignalRow] = {}
            for signal in self._services.journal.recent_signals(_SIGNALS):
                signals.setdefault(signal.key.symbol, signal)
            return _Recorded(self._services.journal.regimes(), signals)
        except JournalError as error:
            return _Recorded(fault=str(error))

    def _row(
        self, symbol: str, now_ms: int, instrument: Instrument | None, recorded: _Recorded
    ) -> WatchRow:
        last, mark = self._last(symbol), self._services.feed.mark(symbol)
        base = self._sparks.day_ago(symbol, now_ms)
        regime = recorded.regimes.get((symbol, self._services.settings.signals.interval))
        seen, signal = self._evaluated.get(symbol), recorded.signals.get(symbol)
        rate = mark.funding_rate if mark is not None else None
        return WatchRow(
            symbol,
            decimals_of(instrument, last or 0.0),
            last,
            None if last is None or not base else (last / base - 1.0) * 100.0,
            "" if regime is None else regime.regime.value.replace("_", " "),
            () if seen is None else seen.alignment,
            None if seen is None else seen.score,
            "" if signal is None else signal.direction.value,
            None if signal is None else signal.decided_ms,
            None if rate is None else rate * 100.0,
            self._sparks.spark(symbol),
        )

    def _last(self, symbol: str) -> float | None:
        running = self._services.store.running(symbol, Interval.M1)
        if running is not None:
            return running.close
        closed = self._services.store.candles(symbol, Interval.M1, limit=1)
        return float(closed.close[-1]) if len(closed) else None
