"""
The trading loop: closed candles in, decisions and paper trades out.

Per symbol two things happen when a 1m candle closes: open trades walk over it,
and if it completes a bar of ``signals.interval``, that bar is evaluated. The
store is the truth about candles; the feed's announcement only says when to look.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from core.bar_decider import BarDecider
from core.bar_evaluator import BarEvaluator
from core.breaker_book import BreakerBook
from core.by_hand import ByHand
from core.command_desk import Answered
from core.config import Settings
from core.data.data_store import DataStore
from core.data.market_feed import MarketFeed
from core.decision_book import DecisionBook
from core.engine_pulse import EnginePulse
from core.engine_tallies import EngineTallies
from core.funding_book import AskSettlements
from core.journal.errors import UnavailableJournalError, first_fault
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.retention import Retention
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.paper_accounts import PaperAccounts
from core.paper_desk import PaperDesk
from core.regime_book import RegimeBook
from core.signal_generator import SignalGenerator
from core.trade_walks import TradeWalks
from core.trading.account import Halt
from core.trading_limits import breaker_limits_of

logger = logging.getLogger(__name__)

# Of a symbol that waits for the journal; beyond, only bars that are decided on are kept.
_MOST_BARS = 240


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What the engine asks of the world around it.

    Attributes:
        settlements: Asks the exchange for the funding of a symbol in a span of time.
        analyst: Returns words for people: who is asked, or why nobody is.
        spent: Returns USD spent today on questions, and the day's budget.
        latch: Returns why nothing may be entered at all; nothing when it may.
        answered: Told of each command of a person once it is answered, in a thread.
    """

    settlements: AskSettlements
    analyst: Callable[[], str]
    spent: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0)
    latch: Callable[[], str] = lambda: ""
    answered: Answered = lambda *_: None


class Engine:
    """
    Run one home's trading.

    Args:
        around: What it asks of the world.
        monotonic: The same as the generator's; measures how long a bar waited for its turn.
        writer: Of the journal, with another patience.

    Attributes:
        tallies: What was decided and heard since the start.
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
        around: Surroundings,
        monotonic: Callable[[], float] = time.monotonic,
        writer: JournalWriter | None = None,
    ) -> None:
        self.tallies = EngineTallies()
        self._settings = settings
        self._interval = settings.signals.interval
        self._kept = Retention.configured(settings.retention)
        self._feed = feed
        self._journal = journal
        self._monotonic = monotonic
        self._writer = writer or JournalWriter()
        write, offer = self._writer.write, self._writer.offer
        # What goes on although the journal cannot be written for now; they end with the engine.
        self._tasks = asyncio.TaskGroup()
        self._desk = PaperDesk(
            store,
            journal,
            reader,
            paper=settings.paper,
            write=write,
            settlements=around.settlements,
        )
        self._breakers = BreakerBook(
            journal, reader, limits=breaker_limits_of(settings), latch=around.latch, offer=offer
        )
        self._book = DecisionBook(
            journal,
            reader,
            self._writer,
            self._desk,
            strategy=generator.strategy,
            interval=self._interval,
            kept_ms=settings.data.history_days * Interval.D1.duration_ms,
            tallies=self.tallies,
            monotonic=monotonic,
        )
        self._accounts = PaperAccounts(
            self._desk, self._book, self._breakers, journal=journal, offer=offer
        )
        self._by_hand = ByHand(
            settings,
            feed,
            self._desk.trades,
            self._accounts,
            self._book,
            journal=journal,
            reader=reader,
            writer=self._writer,
            traded=lambda: self._traded,
            answered=around.answered,
        )
        self._walks = TradeWalks(feed, self._desk, writer=self._writer, tasks=self._tasks)
        self._regimes = RegimeBook(journal, reader, offer=offer, interval=self._interval)
        self._evaluator = BarEvaluator(store, feed, generator, interval=self._interval)
        self._decider = BarDecider(
            feed,
            self._evaluator,
            self._book,
            self._regimes,
            writer=self._writer,
            by_hand=self._by_hand,
            tasks=self._tasks,
            interval=self._interval,
            monotonic=monotonic,
        )
        # Closed bars, and when they were heard of.
        self._bars: dict[str, asyncio.Queue[tuple[CandleUpdate, float]]] = {}
        self._begun = asyncio.Event()
        self._pulse = EnginePulse(
            feed,
            journal,
            reader,
            offer=offer,
            analyst=around.analyst,
            account=self._accounts.standing,
            alarm=lambda: "; ".join(filter(None, (store.alarm, self._writer.alarm))),
            regimes=lambda: {s: r for s, r in self._regimes.known.items() if s in self._bars},
            costs=generator.costs,
            halts=lambda: self._breakers.halts(Source.POLICY, feed.market_time_ms()),
            spent=around.spent,
            paused=lambda: self._by_hand.paused,
            slowest_ms=lambda: self._writer.slowest_ms,
            every_s=settings.engine.heartbeat_s,
        )

    async def run(self) -> None:
        """Trade until cancelled; raises JournalError for what waiting does not cure."""
        await asyncio.to_thread(self._desk.recover)
        await asyncio.to_thread(self._book.recover)
        await asyncio.to_thread(self._regimes.recover)
        await asyncio.to_thread(self._breakers.recover)
        await asyncio.to_thread(self._by_hand.recover)
        self._feed.listen(self._announced)
        try:
            async with self._tasks as tasks:
                tasks.create_task(self._feed.run())
                tasks.create_task(self._pulse.run())
                tasks.create_task(self._walks.run(lambda: self._traded))
                tasks.create_task(self._evaluator.run())
                tasks.create_task(self._obey())
                tasks.create_task(self._by_hand.run())
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

    def halts(self) -> Mapping[Source, tuple[Halt, ...]]:
        """Tell why each account may enter nothing; cheap, never blocks."""
        now_ms = self._feed.market_time_ms()
        return {source: self._breakers.halts(source, now_ms) for source in Source}

    @property
    def _traded(self) -> Collection[str]:
        """The configured symbols; all that the feed follows where none are configured."""
        return self._settings.symbols or self._feed.symbols

    def _announced(self, update: CandleUpdate) -> None:
        self._by_hand.hear(update)
        if not update.closed:
            return
        self.tallies.heard(update, self._feed.market_time_ms())
        self._walks.minute_closed()
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
        update, heard_s = await self._bars[symbol].get()
        await self._decider.begin(update)
        while True:
            # Bars may arrive in a burst: nothing may look beyond the one that is its turn. What is
            # open is not worth this close before its walk has come so far: the desk sees to that.
            self._accounts.price(symbol, update.candle.close)
            await self._walks.begin(symbol, update.candle.open_time_ms)
            await self._value(update)
            if self._completes_bar(update):
                await self._decider.decide(update, heard_s)
            update, heard_s = await self._bars[symbol].get()

    async def _obey(self) -> None:
        """Resume trading where another process asks for it."""
        while True:
            await self._breakers.obey()
            await asyncio.sleep(self._settings.engine.heartbeat_s)

    def _completes_bar(self, update: CandleUpdate) -> bool:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        return self._interval.open_time_ms(end_ms) == end_ms

    async def _value(self, update: CandleUpdate) -> None:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        if end_ms % Interval.H1.duration_ms == 0:
            await self._writer.offer(self._journal.prune, end_ms, self._kept)
        await self._accounts.value(end_ms)
