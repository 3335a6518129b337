"""History of the intervals above 1m, fetched when it is first wanted."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from core.config import Settings
from core.data.backfill import Backfill
from core.data.data_store import DataStore
from core.data.fill_lock import fill_lock
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval

# Signals wait for this: rather ask twice than wait for another process for long.
_PATIENCE_POLLS = 5
# What the exchange does not have is asked for again so much later: a row that could not be read
# was left out as well.
ASK_AGAIN_S = 300.0


class HigherHistory:
    """
    Loads each series once: Parquet, then REST for what is missing there.

    Args:
        settings: How many bars.
        store: Where they go.
        backfill: Who fetches them.
        newest_minute_ms: Tells the newest closed 1m bar of a symbol; None when not known yet.
        save: Called after bars were fetched, so that another process finds them.
        sleep, monotonic: Time, for tests.
    """

    def __init__(
        self,
        settings: Settings,
        store: DataStore,
        backfill: Backfill,
        *,
        newest_minute_ms: Callable[[str], int | None],
        save: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._candles = settings.data.higher_candles
        self._store = store
        self._backfill = backfill
        self._newest_minute_ms = newest_minute_ms
        self._save = save
        self._sleep = sleep
        self._monotonic = monotonic
        self._locks: dict[tuple[str, Interval], asyncio.Lock] = {}
        self._asked: dict[tuple[str, Interval], list[Gap]] = {}
        self._asked_s: dict[tuple[str, Interval], float] = {}

    def forget(self, symbol: str, interval: Interval) -> None:
        """Load a series anew when it is next wanted: what was there is gone."""
        self._asked.pop((symbol, interval), None)

    async def ensure(self, symbol: str, interval: Interval, candles: int | None = None) -> None:
        """
        Make sure the newest ``candles`` are there, or ``higher_candles``; cheap when they are.

        Bars that the exchange was asked for and does not have are not asked for again soon.

        Raises:
            RestError: If the exchange fails.
        """
        key = (symbol, interval)
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._asked:
                await asyncio.to_thread(self._store.refresh, symbol, interval)
            end_ms = await self._newest_closed_ms(symbol, interval)
            if end_ms is None:
                return
            start_ms = end_ms - ((candles or self._candles) - 1) * interval.duration_ms
            missing = await self._missing(symbol, interval, start_ms, end_ms)
            if self._unasked(key, missing):
                async with fill_lock(
                    self._store,
                    symbol,
                    interval,
                    sleep=self._sleep,
                    patience_polls=_PATIENCE_POLLS,
                ):
                    missing = await self._fill(symbol, interval, start_ms, end_ms)
                self._asked_s[key] = self._monotonic()
                await self._save()
            older = [gap for gap in self._asked.get(key, ()) if gap.end_ms < start_ms]
            self._asked[key] = older + missing

    async def _fill(self, symbol: str, interval: Interval, start_ms: int, end_ms: int) -> list[Gap]:
        missing = await self._missing(symbol, interval, start_ms, end_ms)
        for gap in self._unasked((symbol, interval), missing):
            self._store.count_rest_read()
            await self._backfill.fetch(symbol, interval, gap)
        return missing

    def _unasked(self, key: tuple[str, Interval], missing: list[Gap]) -> list[Gap]:
        asked_s = self._asked_s.get(key)
        lately = asked_s is not None and self._monotonic() - asked_s < ASK_AGAIN_S
        known = {gap.end_ms for gap in self._asked.get(key, ())} if lately else set()
        return [gap for gap in reversed(missing) if gap.end_ms not in known]

    async def _missing(
        self, symbol: str, interval: Interval, start_ms: int, end_ms: int
    ) -> list[Gap]:
        return await asyncio.to_thread(self._backfill.missing, symbol, interval, start_ms, end_ms)

    async def _newest_closed_ms(self, symbol: str, interval: Interval) -> int | None:
        minute_ms = self._newest_minute_ms(symbol)
        if minute_ms is None:
            return await self._backfill.newest_closed_ms(symbol, interval)
        return interval.open_time_ms(minute_ms + MINUTE_MS) - interval.duration_ms
