"""History by REST into the store: only what is missing."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.data.data_store import DataStore
from core.data.gaps import gaps
from core.model.candles import Candle, CandleSeries
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval

logger = logging.getLogger(__name__)

PAGE_ROWS = 1500
# Up to so many rows one request for the newest is cheaper than asking what there is to ask for.
_CHEAP_ROWS = 499


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


@dataclass(frozen=True, slots=True)
class Newest:
    """
    The newest closed bars of a series.

    Attributes:
        end_ms: Open time of the newest closed bar.
        candles: Some of them, up to the newest, now in the store; may be empty.
    """

    end_ms: int
    candles: list[Candle]


class Backfill:
    """Fetches gaps and merges them; every method raises `RestError` when the exchange fails."""

    def __init__(self, store: DataStore, rest: History) -> None:
        self.differences = 0
        self._store = store
        self._rest = rest

    async def newest_closed_ms(self, symbol: str, interval: Interval) -> int | None:
        """Ask for the open time of the newest closed bar; None when there is no market yet."""
        rows = await self._rest.klines(symbol, interval, limit=2)
        return rows[-1].open_time_ms - interval.duration_ms if rows else None

    async def newest(self, symbol: str, rows: int) -> Newest | None:
        """Ask for the newest closed 1m bars; None when there is no market yet."""
        minute = Interval.M1
        if rows >= _CHEAP_ROWS:
            end_ms = await self.newest_closed_ms(symbol, minute)
            return None if end_ms is None else Newest(end_ms, [])
        told = await self._rest.klines(symbol, minute, limit=rows + 1)
        if not told:
            return None
        closed = told[:-1]  # a later one proves that a bar has closed, no clock does
        if closed:
            await self._merge(CandleSeries.from_candles(symbol, minute, closed))
        return Newest(told[-1].open_time_ms - MINUTE_MS, closed)

    async def earlier(self, symbol: str, before_ms: int) -> bool:
        """Ask whether there was a market before this 1m bar."""
        return bool(await self._rest.klines(symbol, Interval.M1, end_ms=before_ms - 1, limit=1))

    async def fetch(
        self, symbol: str, interval: Interval, gap: Gap, *, over: bool = True
    ) -> list[Candle]:
        """
        Merge the bars of a gap and return what there was of them.

        Args:
            symbol: Name of the perpetual.
            interval: Of the bars.
            gap: What is wanted.
            over: Whether its bars are known to have closed. Otherwise the last one counts only
                if the exchange has a later one: market time alone may be a little ahead.
        """
        step = interval.duration_ms
        proof = 0 if over else 1
        found: list[Candle] = []
        for page in gap.pages(interval, PAGE_ROWS - proof):
            rows = await self._rest.klines(
                symbol,
                interval,
                start_ms=page.start_ms,
                end_ms=page.end_ms + (1 + proof) * step - 1,
                limit=page.bars(interval) + proof,
            )
            if proof and rows and rows[-1].open_time_ms <= page.end_ms:
                rows = rows[:-1]
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
        """Fetch the 1m bars the store lacks between two, both included; the last must be proven."""
        minute = Interval.M1
        missing = await asyncio.to_thread(self.missing, symbol, minute, start_ms, end_ms)
        if missing:
            self._store.count_rest_read()
        for gap in missing:
            await self.fetch(symbol, minute, gap, over=gap.end_ms < end_ms)

    async def _merge(self, series: CandleSeries) -> None:
        differing = await asyncio.to_thread(self._merged, series)
        if differing > 0:
            self.differences += differing
            logger.warning(
                "candles differ from what was known, REST wins: symbol=%s interval=%s bars=%d",
                series.symbol,
                series.interval,
                differing,
            )

    def _merged(self, series: CandleSeries) -> int:
        """Merge, and return how many bars were known otherwise. May read a file."""
        known = self._store.open_times(series.symbol, series.interval, int(series.open_time_ms[0]))
        new = int((~np.isin(series.open_time_ms, known)).sum())
        return self._store.merge(series) - new
