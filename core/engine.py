"""
The trading loop: closed candles in, decisions and paper trades out.

Per symbol two things happen when a 1m candle closes: open trades walk over it,
and if it completes a bar of ``signals.interval``, that bar is evaluated. The
store is the truth about candles; the feed's announcement only says when to look.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from core.bar_evaluator import BarEvaluator
from core.config import Settings
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.market_feed import MarketFeed
from core.decision_book import LATEST_ROW_S, DecisionBook
from core.engine_pulse import EnginePulse
from core.journal.errors import UnavailableJournalError, first_fault
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.paper_desk import PaperDesk
from core.regime_book import RegimeBook
from core.signal_generator import SignalGenerator

logger = logging.getLogger(__name__)

# Confirmed by REST later than this, or held up for longer by an earlier bar that was missing, a
# bar is history and no occasion to trade (DESIGN 7).
LATEST_CONFIRMATION_MS = 3_000
_EQUITY_EVERY_MS = 5 * MINUTE_MS
# Of a symbol that waits for the journal; beyond, only bars that are decided on are kept.
_MOST_BARS = 240


class Engine:
    """
    Run one home's trading.

    Args:
        analyst: Words for people: who is asked, or why nobody is.
        monotonic: The same as the generator's; measures how long a bar waited for its turn.
        writer: Of the journal, with another patience.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: DataStore,
        feed: MarketFeed,
        generator: SignalGenerator,
        journal: Journal,
        reader: JournalReader,
        analyst: str,
        monotonic: Callable[[], float] = time.monotonic,
        writer: JournalWriter | None = None,
    ) -> None:
        self._settings = settings
        self._interval = settings.signals.interval
        self._store = store
        self._feed = feed
        self._journal = journal
        self._monotonic = monotonic
        self._writer = writer or JournalWriter()
        write = self._writer.write
        self._desk = PaperDesk(store, journal, reader, paper=settings.paper, write=write)
        self._book = DecisionBook(
            journal,
            reader,
            self._writer,
            self._desk,
            strategy=generator.strategy,
            interval=self._interval,
            kept_ms=settings.data.history_days * Interval.D1.duration_ms,
            monotonic=monotonic,
        )
        self._regimes = RegimeBook(
            journal, reader, offer=self._writer.offer, interval=self._interval
        )
        self._evaluator = BarEvaluator(store, feed, generator, interval=self._interval)
        # Closed bars, and when they were heard of.
        self._bars: dict[str, asyncio.Queue[tuple[CandleUpdate, float]]] = {}
        self._begun = asyncio.Event()
        self._closed = asyncio.Event()
        # What goes on although the journal cannot be written for now; they end with the engine.
        self._tasks = asyncio.TaskGroup()
        self._walks: dict[str, asyncio.Task[None]] = {}
        self._held_until_s: dict[str, float] = {}
        self._prices: dict[str, float] = {}
        self._pulse = EnginePulse(
            feed,
            journal,
            reader,
            offer=self._writer.offer,
            analyst=analyst,
            account=lambda: (self._desk.equity(self._prices).total, len(self._desk.open_symbols)),
            alarm=lambda: "; ".join(filter(None, (store.alarm, self._writer.alarm))),
            regimes=lambda: {s: r for s, r in self._regimes.known.items() if s in self._bars},
            costs=generator.costs,
            every_s=settings.engine.heartbeat_s,
        )

    async def run(self) -> None:
        """Trade until cancelled; raises JournalError for what waiting does not cure."""
        await asyncio.to_thread(self._desk.recover)
        await asyncio.to_thread(self._book.recover)
        await asyncio.to_thread(self._regimes.recover)
        self._feed.listen(self._announced)
        try:
            async with self._tasks as tasks:
                tasks.create_task(self._feed.run())
                tasks.create_task(self._pulse.run())
                tasks.create_task(self._tend_strays())
                tasks.create_task(self._evaluator.run())
                await self._follow_all()
        except ExceptionGroup as failures:
            fault = first_fault(failures)
            if fault is None:
                raise
            logger.error("the engine ends: reason=%s", fault)  # noqa: TRY400 - it says it all
            raise fault from None
        finally:
            self._writer.close()
            self._close_journal()

    def _close_journal(self) -> None:
        try:
            self._journal.checkpoint_and_close()
        except UnavailableJournalError as error:
            # What was written is safe: the next start takes it from the write-ahead file.
            logger.warning("journal closed as it is: reason=%s", error)

    def report(self) -> EngineReport:
        """Tell how the engine is; cheap, never blocks."""
        return self._pulse.report()

    @property
    def _traded(self) -> Collection[str]:
        """The configured symbols; all that the feed follows where none are configured."""
        return self._settings.symbols or self._feed.symbols

    def _announced(self, update: CandleUpdate) -> None:
        if not update.closed:
            return
        self._closed.set()
        bars = self._bars.get(update.symbol)
        if bars is None:
            if update.symbol not in self._traded:
                return
            bars = self._bars[update.symbol] = asyncio.Queue()
            self._begun.set()
        if bars.qsize() < _MOST_BARS or self._completes_bar(update):
            bars.put_nowait((update, self._monotonic()))

    async def _follow_all(self) -> None:
        """Follow each symbol from its first closed bar on."""
        followed: set[str] = set()
        while True:
            await self._begun.wait()
            self._begun.clear()
            for symbol in self._bars.keys() - followed:
                followed.add(symbol)
                self._tasks.create_task(self._follow(symbol))

    async def _follow(self, symbol: str) -> None:
        self._evaluator.begin(symbol)
        update, heard_s = await self._bars[symbol].get()
        await self._noting_delay(symbol, self._book.record_missed(update))
        while True:
            # Bars may arrive in a burst: nothing may look beyond the one that is its turn.
            self._prices[symbol] = update.candle.close
            await self._begin_walk(symbol, update.candle.open_time_ms)
            await self._value(update)
            if self._completes_bar(update):
                await self._evaluator.load_history(symbol)
                await self._evaluate(update, heard_s)
            update, heard_s = await self._bars[symbol].get()

    async def _record(self, symbol: str, writing: Coroutine[Any, Any, None]) -> None:
        """Wait for a row; while the journal cannot be written, let it come when it can."""
        written = self._tasks.create_task(writing)
        await self._noting_delay(symbol, self._writer.settled(written))

    async def _noting_delay(self, symbol: str, waiting: Coroutine[Any, Any, None]) -> None:
        begun_s = self._monotonic()
        await waiting
        if self._monotonic() - begun_s > LATEST_ROW_S:
            self._held_until_s[symbol] = self._monotonic()

    async def _begin_walk(self, symbol: str, until_ms: int) -> None:
        """Walk open trades, in the background while the journal cannot be written."""
        begun = self._walks.get(symbol)
        if begun is not None and not begun.done():
            return  # the next one sees these candles too
        walk = self._walks[symbol] = self._tasks.create_task(self._walk(symbol, until_ms))
        await self._writer.settled(walk)

    async def _walk(self, symbol: str, until_ms: int) -> None:
        """Walk open trades, but never past candles that could still be had: a stop may be there."""
        start_ms = self._desk.next_bar_ms(symbol)
        if start_ms is None:
            return
        try:
            await self._feed.complete(symbol, start_ms, until_ms)
        except RestError as error:
            logger.warning("open trade waits for candles symbol=%s reason=%s", symbol, error)
            return
        await self._desk.walk(symbol, until_ms)

    async def _tend_strays(self) -> None:
        """
        Walk trades of symbols that are no longer configured, or listed: by REST, to their exits.

        Once in each minute of the market, so that a symbol nobody knows any more costs little.
        """
        walked_ms = 0
        while True:
            strays = self._desk.open_symbols - set(self._traded).intersection(self._feed.symbols)
            now_ms = self._feed.market_time_ms() or 0
            until_ms = Interval.M1.open_time_ms(now_ms - LATEST_CONFIRMATION_MS) - MINUTE_MS
            if until_ms != walked_ms:
                walked_ms = until_ms
                for symbol in strays:
                    await self._walk(symbol, until_ms)
                    newest = await asyncio.to_thread(
                        self._store.candles, symbol, Interval.M1, limit=1
                    )
                    for candle in newest:
                        self._prices[symbol] = candle.close
            await self._closed.wait()
            self._closed.clear()

    def _completes_bar(self, update: CandleUpdate) -> bool:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        return self._interval.open_time_ms(end_ms) == end_ms

    async def _evaluate(self, update: CandleUpdate, heard_s: float) -> None:
        symbol = update.symbol
        open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
        instrument = self._feed.instruments.get(symbol)
        close_ms = self._interval.close_time_ms(open_time_ms)
        waited = update.from_rest or update.held
        late = waited and update.event_time_ms - close_ms > LATEST_CONFIRMATION_MS
        reason = self._unfit(symbol, heard_s, late=late)
        if instrument is None or reason:
            reason = reason or "the exchange's rules for this symbol are not known yet"
            await self._record(symbol, self._book.record_unfit(update, open_time_ms, reason))
            return
        evaluation = await self._evaluator.evaluate(
            update,
            heard_s=heard_s,
            account=lambda: self._book.account(
                update.event_time_ms, self._desk.equity(self._prices).total
            ),
            instrument=instrument,
        )
        self._book.reserve(evaluation)  # no await since the gate looked
        await self._record(symbol, self._book.record(evaluation))
        await self._regimes.record(evaluation)

    def _unfit(self, symbol: str, heard_s: float, *, late: bool) -> str:
        """Return why a bar comes too late to be traded; nothing when it does not."""
        if late:
            return "the close of this bar was learnt too late"
        if heard_s < self._held_until_s.get(symbol, float("-inf")):
            return "this bar had to wait until the journal could be written"
        return ""

    async def _value(self, update: CandleUpdate) -> None:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        if end_ms % Interval.H1.duration_ms == 0:
            await self._writer.offer(self._journal.prune, end_ms)
        if end_ms % _EQUITY_EVERY_MS == 0:
            equity = self._desk.equity(self._prices)
            await self._writer.offer(
                self._journal.add_equity, end_ms, equity.total, equity.balance, equity.open_pnl
            )
