"""History by REST into the store: only what is missing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import numpy as np
from filelock import Timeout

from core.config import Settings
from core.data.data_store import DataStore
from core.data.gaps import Gap, gaps
from core.model.candles import Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval

logger = logging.getLogger(__name__)

PAGE_ROWS = 1500
_PAGE_WEIGHT = 10
# Old history may take half of our own weight limit; what the chart waits for has the rest.
_HISTORY_SHARE = 0.5
_LOCK_POLL_S = 2.0
_PAGES_PER_FLUSH = 5


class History(Protocol):
    """What knows the past: `BinanceRest`."""

    async def klines(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = PAGE_ROWS,
    ) -> list[Candle]:
        """Return candles, oldest first, the newest perhaps unclosed."""


class Backfill:
    """Fetches gaps and merges them; every method raises `RestError` when the exchange fails."""

    def __init__(
        self,
        settings: Settings,
        store: DataStore,
        rest: History,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.differences = 0
        self._settings = settings
        self._store = store
        self._rest = rest
        self._sleep = sleep

    async def newest_closed_ms(self, symbol: str, interval: Interval) -> int | None:
        """Ask for the open time of the newest closed bar; None when there is no market yet."""
        rows = await self._rest.klines(symbol, interval, limit=2)
        return rows[-1].open_time_ms - interval.duration_ms if rows else None

    async def fetch(self, symbol: str, interval: Interval, gap: Gap) -> list[Candle]:
        """Merge the bars of a gap, all of which must have closed; return what there was."""
        step = interval.duration_ms
        found: list[Candle] = []
        for page in gap.pages(interval, PAGE_ROWS):
            rows = await self._rest.klines(
                symbol,
                interval,
                start_ms=page.start_ms,
                end_ms=page.end_ms + step - 1,
                limit=page.bars(interval),
            )
            inside = [row for row in rows if page.start_ms <= row.open_time_ms <= page.end_ms]
            if inside:
                await self._merge(CandleSeries.from_candles(symbol, interval, inside))
            found += inside
        return found

    def missing(self, symbol: str, interval: Interval, start_ms: int, end_ms: int) -> list[Gap]:
        """Return what the store lacks between two bars, both included. May read a file."""
        times = self._store.open_times(symbol, interval, start_ms)
        return gaps(times, interval, start_ms, end_ms)

    async def complete(self, symbol: str, start_ms: int, end_ms: int) -> None:
        """Fetch the 1m bars the store lacks between two closed ones, both included."""
        minute = Interval.M1
        for gap in await asyncio.to_thread(self.missing, symbol, minute, start_ms, end_ms):
            await self.fetch(symbol, minute, gap)

    async def deepen(
        self, symbol: str, progress: Callable[[float], None], save: Callable[[], Awaitable[None]]
    ) -> None:
        """
        Fill the 1m history back to ``history_days``, newest first and without haste.

        Processes exclude each other: who comes second waits, then finds it done on disk.

        Args:
            symbol: Name of the perpetual.
            progress: Told the fraction that is done.
            save: Called now and then, so that a crash does not cost all of it.
        """
        lock = self._store.log.lock(symbol, Interval.M1, "fill")
        waited = False
        while True:
            try:
                lock.acquire(blocking=False)
                break
            except Timeout:
                waited = True
                await self._sleep(_LOCK_POLL_S)
        try:
            if waited:
                await asyncio.to_thread(self._store.refresh, symbol, Interval.M1)
            await self._deepen(symbol, progress, save)
        finally:
            lock.release()

    async def _deepen(
        self, symbol: str, progress: Callable[[float], None], save: Callable[[], Awaitable[None]]
    ) -> None:
        minute, days = Interval.M1, self._settings.data.history_days
        times = await asyncio.to_thread(self._store.open_times, symbol, minute)
        if not times.size:
            return
        oldest_ms, newest_ms = int(times[0]), int(times[-1])
        start_ms = newest_ms + MINUTE_MS - days * Interval.D1.duration_ms
        pages = [
            page
            for gap in gaps(times, minute, start_ms, newest_ms)
            for page in gap.pages(minute, PAGE_ROWS)
        ]
        for done, page in enumerate(reversed(pages)):
            progress(done / len(pages))
            if not await self.fetch(symbol, minute, page) and page.end_ms < oldest_ms:
                break  # the symbol was not listed yet
            if done % _PAGES_PER_FLUSH == _PAGES_PER_FLUSH - 1:
                await save()
            share = _HISTORY_SHARE * self._settings.exchange.weight_per_minute
            await self._sleep(60.0 * _PAGE_WEIGHT / share)
        if pages:
            await save()
            logger.info("history filled: symbol=%s pages=%d", symbol, len(pages))
        progress(1.0)

    async def _merge(self, series: CandleSeries) -> None:
        known = self._store.open_times(series.symbol, series.interval, int(series.open_time_ms[0]))
        new = int((~np.isin(series.open_time_ms, known)).sum())
        differing = await asyncio.to_thread(self._store.merge, series) - new
        if differing > 0:
            self.differences += differing
            logger.warning(
                "candles differ from what was known, REST wins: symbol=%s interval=%s bars=%d",
                series.symbol,
                series.interval,
                differing,
            )
