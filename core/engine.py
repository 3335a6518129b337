"""
The trading loop: closed candles in, decisions and paper trades out.

Per symbol two things happen when a 1m candle closes: open trades walk over it,
and if it completes a bar of ``signals.interval``, that bar is evaluated. The
store is the truth about candles; the feed's announcement only says when to look.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection

from core.config import Settings
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.market_feed import MarketFeed
from core.engine_pulse import EnginePulse
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.model.candles import CandleSeries, CandleUpdate
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import Decision, Outcome, SignalKey
from core.paper_desk import PaperDesk
from core.signal_generator import SignalGenerator
from core.trading.account import Account

logger = logging.getLogger(__name__)

HOUR_MS = 3_600_000
# Confirmed by REST later than this, or held up for longer by an earlier bar that was missing, a
# bar is history and no occasion to trade (DESIGN 7).
LATEST_CONFIRMATION_MS = 3_000
_EQUITY_EVERY_MS = 5 * MINUTE_MS


class Engine:
    """
    Run one home's trading.

    Args:
        analyst: Words for people: who is asked, or why nobody is.
        monotonic: The same as the generator's; measures how long a bar waited for its turn.
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
    ) -> None:
        self._settings = settings
        self._interval = settings.signals.interval
        self._store = store
        self._feed = feed
        self._generator = generator
        self._journal = journal
        self._reader = reader
        self._monotonic = monotonic
        self._writer = JournalWriter()
        self._write = self._writer.write
        self._desk = PaperDesk(store, journal, reader, paper=settings.paper, write=self._write)
        # Closed bars, and when they were heard of.
        self._bars: dict[str, asyncio.Queue[tuple[CandleUpdate, float]]] = {}
        self._begun = asyncio.Event()
        self._closed = asyncio.Event()
        self._signal_times: deque[int] = deque()
        self._prices: dict[str, float] = {}
        self._pulse = EnginePulse(
            feed,
            journal,
            reader,
            write=self._write,
            analyst=analyst,
            account=lambda: (self._desk.equity(self._prices).total, len(self._desk.open_symbols)),
            alarm=lambda: store.alarm,
            every_s=settings.engine.heartbeat_s,
        )

    async def run(self) -> None:
        """Trade until cancelled; whatever was decided is in the journal when this ends."""
        await asyncio.to_thread(self._desk.recover)
        self._signal_times.extend(await asyncio.to_thread(self._reader.signal_times_since, 0))
        self._feed.listen(self._announced)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._feed.run())
                tasks.create_task(self._pulse.run())
                tasks.create_task(self._tend_strays())
                await self._follow_all(tasks)
        finally:
            self._writer.close()
            self._journal.checkpoint_and_close()

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
        bars.put_nowait((update, self._monotonic()))

    async def _follow_all(self, tasks: asyncio.TaskGroup) -> None:
        """Follow each symbol from its first closed bar on."""
        followed: set[str] = set()
        while True:
            await self._begun.wait()
            self._begun.clear()
            for symbol in self._bars.keys() - followed:
                followed.add(symbol)
                tasks.create_task(self._follow(symbol))

    async def _follow(self, symbol: str) -> None:
        update, heard_s = await self._bars[symbol].get()
        await self._record_missed(symbol, update)
        while True:
            # Bars may arrive in a burst: nothing may look beyond the one that is its turn.
            self._prices[symbol] = update.candle.close
            await self._walk(symbol, update.candle.open_time_ms)
            await self._value(update)
            if self._completes_bar(update):
                await self._load_history(symbol)
                await self._evaluate(update, heard_s)
            update, heard_s = await self._bars[symbol].get()

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

    async def _load_history(self, symbol: str) -> None:
        """Ask for the bars an evaluation looks back on; idempotent, and tried again each bar."""
        try:
            await self._feed.ensure(symbol, self._interval)
        except RestError as error:
            logger.warning("history incomplete symbol=%s reason=%s", symbol, error)

    def _completes_bar(self, update: CandleUpdate) -> bool:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        return self._interval.open_time_ms(end_ms) == end_ms

    def _key(self, symbol: str, open_time_ms: int) -> SignalKey:
        return SignalKey(symbol, self._interval, open_time_ms, self._generator.strategy)

    async def _record_missed(self, symbol: str, first: CandleUpdate) -> None:
        """Leave a row for each bar that closed while no engine ran; never a late signal."""
        last_ms = await asyncio.to_thread(self._reader.last_evaluated_ms, symbol, self._interval)
        if last_ms is None:
            return
        step = self._interval.duration_ms
        kept_ms = self._settings.data.history_days * Interval.D1.duration_ms
        end_ms = self._interval.open_time_ms(first.candle.open_time_ms)
        for open_time_ms in range(max(last_ms + step, end_ms - kept_ms), end_ms, step):
            await self._write(
                self._journal.record_evaluation,
                Decision(
                    key=self._key(symbol, open_time_ms),
                    outcome=Outcome.ENGINE_DOWN,
                    reason="the engine was not running when this bar closed",
                    closed_ms=first.event_time_ms,
                    decided_ms=first.event_time_ms,
                ),
            )

    async def _evaluate(self, update: CandleUpdate, heard_s: float) -> None:
        symbol = update.symbol
        open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
        instrument = self._feed.instruments.get(symbol)
        close_ms = self._interval.close_time_ms(open_time_ms)
        waited = update.from_rest or update.held
        late = waited and update.event_time_ms - close_ms > LATEST_CONFIRMATION_MS
        if instrument is None or late:
            await self._record_unfit(update, open_time_ms, late=late)
            return
        start_ms = self._generator.window_start_ms(self._interval, open_time_ms)
        candles = await asyncio.to_thread(
            self._store.candles, symbol, self._interval, start_ms=start_ms, end_ms=open_time_ms
        )
        evaluation = await self._generator.evaluate(
            candles,
            closed_ms=update.event_time_ms,
            heard_s=heard_s,
            account=lambda: self._account(update.event_time_ms),
            instrument=instrument,
            whole=self._feed.whole(symbol, since_ms=start_ms) and _unbroken(candles),
        )
        if evaluation.signal is not None:
            # No await since the gate looked: two symbols cannot both take the last place.
            self._signal_times.append(update.event_time_ms)
        signal_id = await self._write(
            self._journal.record_evaluation,
            evaluation.decision,
            signal=evaluation.signal,
            call=evaluation.call,
        )
        await self._write(self._journal.add_readings, evaluation.readings)
        if signal_id is not None:
            await asyncio.to_thread(self._desk.adopt, signal_id)

    async def _record_unfit(self, update: CandleUpdate, open_time_ms: int, *, late: bool) -> None:
        reason = (
            "the close of this bar was learnt too late"
            if late
            else "the exchange's rules for this symbol are not known yet"
        )
        await self._write(
            self._journal.record_evaluation,
            Decision(
                key=self._key(update.symbol, open_time_ms),
                outcome=Outcome.STALE,
                reason=reason,
                closed_ms=update.event_time_ms,
                decided_ms=update.event_time_ms,
                close=update.candle.close,
            ),
        )

    def _account(self, now_ms: int) -> Account:
        while self._signal_times and self._signal_times[0] <= now_ms - HOUR_MS:
            self._signal_times.popleft()
        return Account(
            equity=self._desk.equity(self._prices).total,
            open_symbols=self._desk.open_symbols,
            signals_last_hour=len(self._signal_times),
        )

    async def _value(self, update: CandleUpdate) -> None:
        end_ms = update.candle.open_time_ms + MINUTE_MS
        if end_ms % Interval.D1.duration_ms == 0:
            await self._write(self._journal.prune, end_ms)
        if end_ms % _EQUITY_EVERY_MS == 0:
            equity = self._desk.equity(self._prices)
            await self._write(
                self._journal.add_equity, end_ms, equity.total, equity.balance, equity.open_pnl
            )


def _unbroken(candles: CandleSeries) -> bool:
    """Whether no bar is missing between the first and the last."""
    if len(candles) == 0:
        return True
    times = candles.open_time_ms
    bars = (int(times[-1]) - int(times[0])) // candles.interval.duration_ms + 1
    return bars == len(candles)
