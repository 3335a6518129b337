"""The local order books of the followed symbols, and the snapshots they need."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from core.data.errors import RestError
from core.data.market_events import DepthUpdate
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.local_book import LocalBook
from core.data.orderflow.statistics import OrderFlowStatistics
from core.model.order_flow import BookPhase, BookState

logger = logging.getLogger(__name__)

SNAPSHOT_LEVELS = 1_000
# One costs 20 of 2400 weight a minute, so books never take more than a quarter of it.
_PAUSE_S = 2.0
_FIRST_RETRY_S = 3.0
_LAST_RETRY_S = 60.0


class DepthSource(Protocol):
    """Where snapshots come from: `BinanceRest`, or a fake."""

    async def depth(self, symbol: str, limit: int = SNAPSHOT_LEVELS) -> DepthSnapshot:
        """Return the best levels; raises `RestError`."""


class _KeptBook:
    """A book and when it was heard and may be asked for."""

    def __init__(self, statistics: OrderFlowStatistics) -> None:
        self.book = LocalBook(statistics)
        self.heard_s: float | None = None
        self.due_s = float("-inf")
        self.attempts = 0


class BookKeeper:
    """`take` never waits; `run` fetches, one snapshot at a time."""

    def __init__(
        self,
        rest: DepthSource,
        statistics: OrderFlowStatistics,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rest = rest
        self._statistics = statistics
        self._monotonic = monotonic
        self._sleep = sleep
        self._kept: dict[str, _KeptBook] = {}
        self._wanted = asyncio.Event()
        self._trouble = ""

    def follow(self, symbols: Iterable[str]) -> None:
        """Keep the books of these symbols, in this order of importance, and forget others."""
        self._kept = {
            symbol: self._kept.get(symbol) or _KeptBook(self._statistics) for symbol in symbols
        }

    def take(self, update: DepthUpdate) -> None:
        """Apply an update; one of a symbol that is not followed is nobody's."""
        kept = self._kept.get(update.symbol)
        if kept is None:
            return
        kept.heard_s = self._monotonic()
        kept.book.take(update)
        if kept.book.wants_snapshot:
            self._wanted.set()

    def restart(self, symbols: Iterable[str]) -> None:
        """Begin these books anew, because their stream was interrupted."""
        for symbol in symbols:
            if symbol in self._kept:
                self._kept[symbol].book.restart()

    def state(self, symbol: str) -> BookState:
        """Return the best levels and whether they may be relied on."""
        kept = self._kept.get(symbol)
        if kept is None:
            return BookState(symbol, BookPhase.NONE)
        age_s = None if kept.heard_s is None else self._monotonic() - kept.heard_s
        book = kept.book
        return BookState(symbol, book.phase, book.bids(), book.asks(), age_s, book.event_time_ms)

    def phases(self) -> dict[BookPhase, int]:
        """Return how many books are in each phase."""
        return dict(Counter(kept.book.phase for kept in self._kept.values()))

    async def run(self) -> None:
        """Fetch what books want until cancelled."""
        while True:
            wanting = [symbol for symbol, kept in self._kept.items() if kept.book.wants_snapshot]
            if not wanting:
                self._wanted.clear()
                await self._wanted.wait()
                continue
            symbol = min(wanting, key=lambda name: self._kept[name].due_s)
            if self._kept[symbol].due_s <= self._monotonic():
                await self._fetch(symbol, self._kept[symbol])
            await self._sleep(_PAUSE_S)

    async def _fetch(self, symbol: str, kept: _KeptBook) -> None:
        try:
            snapshot = await self._rest.depth(symbol, SNAPSHOT_LEVELS)
        except RestError as error:
            if str(error) != self._trouble:
                logger.warning("order book not fetched, will retry: reason=%s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""
            kept.book.install(snapshot)
        kept.attempts = 0 if kept.book.phase is BookPhase.LIVE else kept.attempts + 1
        pause_s = min(_FIRST_RETRY_S * 2.0 ** min(kept.attempts, 10), _LAST_RETRY_S)
        kept.due_s = self._monotonic() + pause_s
