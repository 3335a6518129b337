"""
Recorded candles through the code that trades live ones, as fast as it goes.

Bar by bar: the store folds, trades are walked, accounts valued, each closed bar is evaluated and
what comes of it recorded and traded, by the same objects as in `core.engine`. What the engine
takes from the clock and the network is part of the recording here, so that the same recording
gives the same rows, byte for byte. What was only heard live is read back by the generator, or
missing; the same holds for answers of an analyst.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from core.bar_window import since_hole, unbroken
from core.breaker_book import BreakerBook
from core.config import Settings
from core.data.data_store import DataStore
from core.data.market_views import MarketViews
from core.decision_book import DecisionBook
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import Candle, CandleSeries
from core.model.equity import EquityPoint
from core.model.evaluation import Evaluation
from core.model.funding import Settlement
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS
from core.model.market_view import MarketView
from core.model.signal import SignalKey
from core.model.telemetry import Reading
from core.paper_accounts import PaperAccounts
from core.paper_desk import PaperDesk
from core.regime_book import RegimeBook
from core.signal_generator import SignalGenerator
from core.trading_limits import breaker_limits_of

# A decision is made from the newest candle: further back, other intervals are not read.
_COMPANION_ROWS = 1
# Values of accounts and measurements are written together, once in so many minutes of the market.
_GATHERED_MINUTES = 720


@dataclass(frozen=True, slots=True)
class Timing:
    """
    When a bar was told to be closed, and when it was decided on.

    Attributes:
        closed_ms: Market time of the report; usual are some tenths of a second after the end.
        decided_ms: Market time of the decision.
    """

    closed_ms: int
    decided_ms: int


def usual_timing(key: SignalKey) -> Timing:
    """Return what a bar costs on an ordinary day: 0.3 s to be told, 0.1 s to be decided on."""
    end_ms = key.interval.close_time_ms(key.open_time_ms) + 1
    return Timing(end_ms + 300, end_ms + 400)


@dataclass(frozen=True, slots=True)
class Recording:
    """
    What is played.

    Attributes:
        minutes: Closed 1m candles by symbol, in time order.
        instruments: Trading rules of the same symbols.
        settlements: Funding that took place, by symbol, in time order.
        timing: Of each bar that is decided on.
    """

    minutes: Mapping[str, CandleSeries]
    instruments: Mapping[str, Instrument]
    settlements: Mapping[str, Sequence[Settlement]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    timing: Callable[[SignalKey], Timing] = usual_timing


class _AtOnce(JournalWriter):
    """
    Write in the caller's own thread, where nothing else waits for the event loop.

    Nor is there anything to wait for that may pass: whoever cannot write plays again later.
    """

    async def write(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call ``method`` and return what it does; raises what it raises."""
        return method(*arguments, **named)

    async def offer(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Call ``method``; raises what it raises."""
        method(*arguments, **named)


class _Gathered:
    """
    Rows that nobody reads before the end, kept back to be written many at once.

    Attributes:
        equity, readings: In the order they came in.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.equity: list[EquityPoint] = []
        self.readings: list[Reading] = []

    async def offer(
        self, method: Callable[[Iterable[EquityPoint]], None], points: Sequence[EquityPoint]
    ) -> None:
        """Keep what accounts are worth; ``method`` is always the same."""
        self.equity.extend(points)

    def write(self) -> None:
        """Write all that was kept back."""
        self._journal.add_equity(self.equity)
        self._journal.add_readings(self.readings)
        self.equity.clear()
        self.readings.clear()


class Replay:
    """
    Play a recording into a store and a journal of its own.

    Args:
        store: Holds what was before the recording; bars are added as they close.
        generator: Decides; with a ``monotonic`` that stands still, or rows will differ.
        journal: Is written; closed at the end.
        reader: Of the same journal.
    """

    def __init__(
        self,
        settings: Settings,
        recording: Recording,
        *,
        store: DataStore,
        generator: SignalGenerator,
        journal: Journal,
        reader: JournalReader,
    ) -> None:
        self._recording = recording
        self._store = store
        self._generator = generator
        self._journal = journal
        self._interval = settings.signals.interval
        self._views = MarketViews(store)
        self._companions = {
            i: n for i, n in generator.companions.items() if i is not self._interval
        }
        self._writer = _AtOnce()
        self._gathered = _Gathered(journal)
        write, offer = self._writer.write, self._writer.offer
        self._desk = PaperDesk(
            store,
            journal,
            reader,
            paper=settings.paper,
            write=write,
            settlements=self._settlements,
        )
        self._breakers = BreakerBook(
            journal, reader, limits=breaker_limits_of(settings), latch=lambda: "", offer=offer
        )
        self._book = DecisionBook(
            journal,
            reader,
            self._writer,
            self._desk,
            strategy=generator.strategy,
            interval=self._interval,
            kept_ms=0,
            monotonic=lambda: 0.0,
        )
        self._accounts = PaperAccounts(
            self._desk, self._book, self._breakers, journal=journal, offer=self._gathered.offer
        )
        self._regimes = RegimeBook(journal, reader, offer=offer, interval=self._interval)

    async def run(self, told: Callable[[int], None] = lambda minutes: None) -> None:
        """
        Play to the end.

        Args:
            told: Called after each hour of the market with the minutes played so far.
        """
        for part in (self._desk, self._book, self._regimes, self._breakers):
            part.recover()
        try:
            for played, (at_ms, closed) in enumerate(self._by_minute(), start=1):
                await self._minute(at_ms, closed)
                if played % _GATHERED_MINUTES == 0:
                    self._gathered.write()
                if played % 60 == 0:
                    told(played)
            self._gathered.write()
        finally:
            self._writer.close()
            self._journal.checkpoint_and_close()

    async def _minute(self, open_time_ms: int, closed: Mapping[str, Candle]) -> None:
        end_ms = open_time_ms + MINUTE_MS
        for symbol, candle in closed.items():
            self._store.append(symbol, candle)
            self._accounts.price(symbol, candle.close)
            if self._desk.next_bar_ms(symbol) is not None:
                await self._desk.walk(symbol, open_time_ms)
        await self._accounts.value(end_ms)
        for symbol in self._desk.funding.symbols:
            await self._desk.funding.settle(symbol, end_ms)
        if self._interval.open_time_ms(end_ms) == end_ms:
            for symbol in closed:
                await self._decide(symbol, end_ms - self._interval.duration_ms)

    async def _decide(self, symbol: str, open_time_ms: int) -> None:
        key = SignalKey(symbol, self._interval, open_time_ms, self._generator.strategy)
        timing = self._recording.timing(key)
        evaluation = await self._evaluated(self._view(symbol, open_time_ms), timing)
        signal = evaluation.signal
        self._book.reserve((*(() if signal is None else (signal,)), *evaluation.shadows))
        for each in evaluation.exits:
            await self._desk.close(symbol, each.source, each.reason, evaluation.decision.decided_ms)
        self._gathered.readings.extend(evaluation.readings)
        await self._book.record(replace(evaluation, readings=()))
        await self._regimes.record(evaluation)

    async def _evaluated(self, view: MarketView, timing: Timing) -> Evaluation:
        return await self._generator.evaluate(
            view,
            closed_ms=timing.closed_ms,
            accounts=lambda source: self._accounts.account(source, timing.decided_ms),
            instrument=self._recording.instruments[view.candles.symbol],
            whole=unbroken(view.candles),
            now_ms=lambda: timing.decided_ms,
        )

    def _view(self, symbol: str, open_time_ms: int) -> MarketView:
        view = self._views.closed(
            symbol,
            self._interval,
            start_ms=self._generator.window_start_ms(self._interval, open_time_ms),
            end_ms=open_time_ms,
            companions=self._companions,
            companion_rows=_COMPANION_ROWS,
        )
        return replace(view, candles=since_hole(view.candles))

    async def _settlements(self, symbol: str, start_ms: int, end_ms: int) -> tuple[Settlement, ...]:
        known = self._recording.settlements.get(symbol, ())
        return tuple(each for each in known if start_ms <= each.at_ms <= end_ms)

    def _by_minute(self) -> "Sequence[tuple[int, Mapping[str, Candle]]]":
        """Return the candles that close together, symbols in the recording's order."""
        closing: dict[int, dict[str, Candle]] = {}
        for symbol, series in self._recording.minutes.items():
            for candle in series:
                closing.setdefault(candle.open_time_ms, {})[symbol] = candle
        return sorted(closing.items(), key=lambda minute: minute[0])
