"""The candles: newest in memory, older ones in Parquet files, each bar once."""

import threading
import time
from collections.abc import Callable
from typing import Any

from core.config import Home, Settings, load_settings
from core.data.cache_report import cache_report
from core.data.cache_statistics import CacheStatistics
from core.data.fold import fold, fold_running
from core.data.hot_series import HotSeries
from core.data.merge import joined
from core.data.parquet_log import ParquetLog
from core.model.candles import Candle, CandleSeries, CandleUpdate, TimeArray
from core.model.intervals import MINUTE_MS, Interval

_DAY_MS = Interval.D1.duration_ms
_HIGHER = tuple(interval for interval in Interval if interval is not Interval.M1)


class DataStore:
    """
    Closed candles of every series, and the running one.

    Reads return immutable snapshots and may come from any thread. Higher intervals are folded
    from 1m as those close; their older history is merged in from the exchange. Beside a running
    system a second store reads the files anew whenever they change.

    Args:
        settings: Default: the configuration file.
        home: Default: ``TRADING_HOME``.
        clock_ms: Local time; only ages in `get_cache_stats` of a store without a feed use it.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        home: Home | None = None,
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._data = (settings or load_settings()).data
        self._cache = (home or Home.from_environment()).cache
        self._clock_ms = clock_ms
        self.log = ParquetLog(self._cache)
        self._statistics = CacheStatistics(self._cache / "statistics.json")
        self._hot: dict[tuple[str, Interval], HotSeries] = {}
        self._running: dict[str, Candle] = {}
        self._market_ms: int | None = None
        self._lock = threading.Lock()

    def append(self, symbol: str, candle: Candle) -> None:
        """Add a closed 1m candle; one that is not the newest is merged instead."""
        if not self._live(symbol, Interval.M1).append(candle):
            self.merge(CandleSeries.from_candles(symbol, Interval.M1, [candle]))
            return
        self._stop_running(symbol, candle.open_time_ms)
        closes_ms = candle.open_time_ms + MINUTE_MS
        for interval in _HIGHER:
            if closes_ms % interval.duration_ms == 0:
                bar_ms = closes_ms - interval.duration_ms
                part = self._closed(symbol, Interval.M1, bar_ms, candle.open_time_ms)[0]
                self._live(symbol, interval).add_missing(fold(part, interval))

    def merge(self, series: CandleSeries) -> int:
        """
        Take closed candles of any interval, order and overlap; they win over known ones.

        Returns:
            How many were new or changed, as far as memory knows: bars that only the files
            hold count as new.
        """
        told = self._live(series.symbol, series.interval).merge(series)
        if series.interval is Interval.M1 and len(told):
            self._stop_running(series.symbol, int(told.open_time_ms[-1]))
            self._refold(told)
        return len(told)

    def set_running(self, update: CandleUpdate) -> None:
        """Keep the 1m candle in progress; one that has closed already is ignored."""
        self._market_ms = max(self._market_ms or 0, update.event_time_ms)
        newest_ms = self._live(update.symbol, Interval.M1).ring.newest_ms
        if newest_ms is None or update.candle.open_time_ms > newest_ms:
            self._running[update.symbol] = update.candle

    def running(self, symbol: str, interval: Interval) -> Candle | None:
        """Return the bar in progress; None when unknown or when a minute of it is missing."""
        running = self._running.get(symbol)
        if interval is Interval.M1:
            return running
        newest_ms = self._series(symbol, Interval.M1).ring.newest_ms
        next_ms = running.open_time_ms if running is not None else (newest_ms or 0) + MINUTE_MS
        bar_ms = interval.open_time_ms(next_ms)
        part = self._closed(symbol, Interval.M1, bar_ms, next_ms - 1)[0]
        return fold_running(part, running, interval)

    def candles(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int | None = None,
    ) -> CandleSeries:
        """
        Return closed candles, oldest first; from memory, else from Parquet.

        Args:
            symbol: Name of the perpetual.
            interval: Of the bars.
            start_ms: Earliest open time.
            end_ms: Latest open time.
            limit: Only the newest so many of them.
        """
        found, hit = self._closed(symbol, interval, start_ms, end_ms, limit)
        self._statistics.count(hit=hit)
        return found

    def open_times(self, symbol: str, interval: Interval, start_ms: int | None = None) -> TimeArray:
        """Return which bars are there, oldest first; not counted as a read of the cache."""
        return self._closed(symbol, interval, start_ms, None)[0].open_time_ms

    def refresh(self, symbol: str, interval: Interval) -> None:
        """Read the file of a series again, as another process may have added to it. Blocking."""
        hot = self._series(symbol, interval, read=False)
        signature = self.log.signature(symbol, interval)
        hot.fill(self.log.read(symbol, interval))
        hot.signature = signature

    def flush(self) -> None:
        """
        Save what is new, drop what is too old, and add up the statistics. Blocking.

        Raises:
            OSError: If a file cannot be written; what could not be saved is kept for next time.
        """
        with self._lock:
            all_hot = list(self._hot.values())
        failure: OSError | None = None
        for hot in all_hot:
            unsaved = hot.unsaved()
            try:
                if len(unsaved.candles):
                    self._cache.mkdir(parents=True, exist_ok=True)
                    self.log.merge(unsaved.candles, self._worth_keeping)
                hot.saved(unsaved)
            except OSError as error:
                failure = error  # the other series may fare better
        if failure is not None:
            raise failure
        if self._cache.is_dir():
            self._statistics.persist()

    def get_cache_stats(self) -> dict[str, Any]:
        """
        Return how the cache does: sizes, hits and misses of all processes, and each series.

        ``age_s`` is the time since the newest bar closed, by the newest market time this store
        was told; by the local clock where no feed tells it any, as in a shell.
        """
        with self._lock:
            hot = dict(self._hot)
        now_ms = self._market_ms if self._market_ms is not None else self._clock_ms()
        return cache_report(self._statistics.totals(), self.log, hot, now_ms)

    def get_cached_symbols(self) -> list[str]:
        """Return the symbols that have any candle, in order."""
        with self._lock:
            hot = {symbol for (symbol, _), series in self._hot.items() if len(series.ring)}
        return sorted(hot | {symbol for symbol, _ in self.log.series()})

    def _series(self, symbol: str, interval: Interval, *, read: bool = True) -> HotSeries:
        with self._lock:
            hot = self._hot.get((symbol, interval))
            if hot is None:
                hot = HotSeries(symbol, interval, self._data.hot_candles)
                self._hot[symbol, interval] = hot
        if read and not hot.live and hot.signature != self.log.signature(symbol, interval):
            self.refresh(symbol, interval)
        return hot

    def _live(self, symbol: str, interval: Interval) -> HotSeries:
        hot = self._series(symbol, interval)
        hot.live = True
        return hot

    def _stop_running(self, symbol: str, closed_ms: int) -> None:
        running = self._running.get(symbol)
        if running is not None and running.open_time_ms <= closed_ms:
            self._running.pop(symbol, None)

    def _refold(self, told: CandleSeries) -> None:
        """Fold the bars of higher intervals that changed 1m candles in memory belong to."""
        symbol, newest = told.symbol, self._series(told.symbol, Interval.M1).newest
        for interval in _HIGHER:
            first_ms = interval.open_time_ms(int(told.open_time_ms[0]))
            last_ms = interval.close_time_ms(interval.open_time_ms(int(told.open_time_ms[-1])))
            bars = fold(newest.between(first_ms, last_ms), interval)
            if len(bars):
                self._live(symbol, interval).merge(bars)

    def _closed(
        self,
        symbol: str,
        interval: Interval,
        start_ms: int | None,
        end_ms: int | None,
        limit: int | None = None,
    ) -> tuple[CandleSeries, bool]:
        """Return closed candles, and whether no file had to be read for them."""
        before = self._hot.get((symbol, interval))
        signature = before.signature if before is not None else None
        hot = self._series(symbol, interval)
        hit = hot.signature == signature
        found = hot.newest
        oldest_ms = hot.ring.oldest_ms
        inside = found.between(start_ms, end_ms)
        if limit is not None and len(inside) >= limit:
            return inside.rows(len(inside) - limit, len(inside)), hit
        if oldest_ms is not None and start_ms is not None and start_ms >= oldest_ms:
            return inside, hit
        if self._reaches_further(hot, symbol, interval, oldest_ms):
            found = joined([self.log.read(symbol, interval), hot.unsaved().candles, found])
            inside, hit = found.between(start_ms, end_ms), False
        return inside if limit is None else inside.tail(limit), hit and oldest_ms is not None

    def _reaches_further(
        self, hot: HotSeries, symbol: str, interval: Interval, oldest_ms: int | None
    ) -> bool:
        """Whether there are bars older than those in memory."""
        if oldest_ms is None:
            return False
        unsaved = hot.unsaved().candles
        if len(unsaved) and int(unsaved.open_time_ms[0]) < oldest_ms:
            return True
        extent = self.log.extent(symbol, interval)
        return extent is not None and extent.oldest_ms < oldest_ms

    def _worth_keeping(self, series: CandleSeries) -> CandleSeries:
        if series.interval is not Interval.M1:
            return series.tail(self._data.higher_candles)
        newest_ms = int(series.open_time_ms[-1])
        return series.between(newest_ms + 1 - self._data.history_days * _DAY_MS, None)
