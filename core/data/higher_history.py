"""History of the intervals above 1m, fetched when it is first wanted."""

import asyncio

from core.config import Settings
from core.data.backfill import Backfill
from core.data.data_store import DataStore
from core.data.gaps import Gap
from core.model.intervals import MINUTE_MS, Interval


class HigherHistory:
    """Loads each series once: Parquet, then REST for what is missing there."""

    def __init__(self, settings: Settings, store: DataStore, backfill: Backfill) -> None:
        self._candles = settings.data.higher_candles
        self._store = store
        self._backfill = backfill
        self._locks: dict[tuple[str, Interval], asyncio.Lock] = {}
        self._asked: dict[tuple[str, Interval], list[Gap]] = {}

    async def ensure(self, symbol: str, interval: Interval) -> None:
        """
        Make sure the newest ``higher_candles`` are there; cheap when they are.

        Bars that the exchange was asked for and does not have are not asked for again.

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
            start_ms = end_ms - (self._candles - 1) * interval.duration_ms
            missing = await asyncio.to_thread(
                self._backfill.missing, symbol, interval, start_ms, end_ms
            )
            known = {(gap.end_ms) for gap in self._asked.get(key, [])}
            for gap in reversed(missing):
                if gap.end_ms not in known:
                    await self._backfill.fetch(symbol, interval, gap)
            self._asked[key] = missing

    async def _newest_closed_ms(self, symbol: str, interval: Interval) -> int | None:
        minutes = self._store.open_times(symbol, Interval.M1)
        if not minutes.size:
            return await self._backfill.newest_closed_ms(symbol, interval)
        until_ms = int(minutes[-1]) + MINUTE_MS
        return interval.open_time_ms(until_ms) - interval.duration_ms
