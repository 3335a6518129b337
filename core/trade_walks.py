"""Walks of open trades over closed candles; nothing that can wait keeps a stop waiting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from core.bar_decider import LATEST_CONFIRMATION_MS
from core.data.errors import RestError
from core.data.market_feed import MarketFeed
from core.journal.writer import JournalWriter
from core.model.intervals import MINUTE_MS, Interval
from core.paper_desk import PaperDesk

logger = logging.getLogger(__name__)


class TradeWalks:
    """
    Walk trades to their exits, also those of symbols that nobody follows any more.

    Args:
        tasks: In which walks go on while the journal cannot be written, and funding is settled.
    """

    def __init__(
        self,
        feed: MarketFeed,
        desk: PaperDesk,
        *,
        writer: JournalWriter,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._feed = feed
        self._desk = desk
        self._writer = writer
        self._tasks = tasks
        self._walking: dict[str, asyncio.Task[None]] = {}
        # Of whoever waits for the next minute of the market.
        self._closed: list[asyncio.Event] = []

    def minute_closed(self) -> None:
        """Say that a 1m candle of any symbol has closed."""
        for closed in self._closed:
            closed.set()

    async def begin(self, symbol: str, until_ms: int) -> None:
        """Walk open trades, in the background while the journal cannot be written."""
        begun = self._walking.get(symbol)
        if begun is not None and not begun.done():
            return  # the next one sees these candles too
        walk = self._walking[symbol] = self._tasks.create_task(self._walk(symbol, until_ms))
        await self._writer.settled(walk)

    async def run(self, traded: Callable[[], Collection[str]]) -> None:
        """
        Walk trades of symbols that are no longer configured, or listed, until cancelled.

        Once in each minute of the market, so that a symbol nobody knows any more costs little.
        Funding is settled in the same minutes, by a task of its own: the exchange may take its
        time, and a stop must not wait for that.

        Args:
            traded: Returns the symbols whose bars are followed if they are listed.
        """

        async def walk_strays(until_ms: int) -> None:
            for symbol in self._desk.open_symbols - set(traded()).intersection(self._feed.symbols):
                await self._walk(symbol, until_ms)

        self._tasks.create_task(self._each_minute(self._settle_funding))
        await self._each_minute(walk_strays)

    async def _settle_funding(self, _: int) -> None:
        now_ms = self._feed.market_time_ms() or 0
        for symbol in self._desk.funding.symbols:
            await self._desk.funding.settle(symbol, now_ms)

    async def _each_minute(self, work: Callable[[int], Awaitable[None]]) -> None:
        """Call ``work`` once in each minute, with the newest 1m bar that is surely complete."""
        closed = asyncio.Event()
        self._closed.append(closed)
        done_ms = 0
        while True:
            now_ms = self._feed.market_time_ms() or 0
            until_ms = Interval.M1.open_time_ms(now_ms - LATEST_CONFIRMATION_MS) - MINUTE_MS
            if until_ms != done_ms:
                done_ms = until_ms
                await work(until_ms)
            await closed.wait()
            closed.clear()

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
