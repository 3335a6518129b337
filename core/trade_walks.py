"""Walks of open trades over closed candles; nothing that can wait keeps a stop waiting."""

import asyncio
import logging
from collections.abc import Callable, Collection

from core.bar_decider import LATEST_CONFIRMATION_MS
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.market_feed import MarketFeed
from core.journal.writer import JournalWriter
from core.model.intervals import MINUTE_MS, Interval
from core.paper_accounts import PaperAccounts
from core.paper_desk import PaperDesk

logger = logging.getLogger(__name__)


class TradeWalks:
    """
    Walk trades to their exits, also those of symbols that nobody follows any more.

    Args:
        tasks: In which walks go on while the journal cannot be written.
    """

    def __init__(
        self,
        store: DataStore,
        feed: MarketFeed,
        desk: PaperDesk,
        accounts: PaperAccounts,
        *,
        writer: JournalWriter,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._store = store
        self._feed = feed
        self._desk = desk
        self._accounts = accounts
        self._writer = writer
        self._tasks = tasks
        self._walking: dict[str, asyncio.Task[None]] = {}
        self._closed = asyncio.Event()

    def minute_closed(self) -> None:
        """Say that a 1m candle of any symbol has closed."""
        self._closed.set()

    async def begin(self, symbol: str, until_ms: int) -> None:
        """Walk open trades, in the background while the journal cannot be written."""
        begun = self._walking.get(symbol)
        if begun is not None and not begun.done():
            return  # the next one sees these candles too
        walk = self._walking[symbol] = self._tasks.create_task(self._walk(symbol, until_ms))
        await self._writer.settled(walk)

    async def run(self, traded: Callable[[], Collection[str]]) -> None:
        """
        Settle funding, and walk trades of symbols no longer configured, or listed, until cancelled.

        Once in each minute of the market, so that a symbol nobody knows any more costs little.

        Args:
            traded: Returns the symbols whose bars are followed if they are listed.
        """
        walked_ms = 0
        while True:
            strays = self._desk.open_symbols - set(traded()).intersection(self._feed.symbols)
            now_ms = self._feed.market_time_ms() or 0
            until_ms = Interval.M1.open_time_ms(now_ms - LATEST_CONFIRMATION_MS) - MINUTE_MS
            if until_ms != walked_ms:
                walked_ms = until_ms
                for symbol in strays:
                    await self._stray(symbol, until_ms)
                for symbol in self._desk.funding.symbols:
                    await self._desk.funding.settle(symbol, now_ms)
            await self._closed.wait()
            self._closed.clear()

    async def _stray(self, symbol: str, until_ms: int) -> None:
        await self._walk(symbol, until_ms)
        newest = await asyncio.to_thread(self._store.candles, symbol, Interval.M1, limit=1)
        for candle in newest:
            self._accounts.price(symbol, candle.close)

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
