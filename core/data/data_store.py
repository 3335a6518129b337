"""The candles: newest in memory, older ones in Parquet files, each bar once."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from core.config import Home, Settings, load_settings
from core.data.cache_report import cache_report
from core.data.cache_statistics import CacheStatistics, Tier
from core.data.candle_reads import CandleReads
from core.data.fold import fold, join
from core.data.hot_series import HotSeries
from core.data.parquet_log import ParquetLog
from core.data.series_table import SeriesTable
from core.data.write_back import WriteBack
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

_HIGHER = tuple(interval for interval in Interval if interval is not Interval.M1)
# Interval, its length, and of how many of the next finer one it consists.
_LADDER = tuple(
    (interval, interval.duration_ms, interval.duration_ms // finer.duration_ms)
    for finer, interval in zip((Interval.M1, *_HIGHER), _HIGHER, strict=False)
)
_SHORTEST_MS = _LADDER[0][1]


class DataStore(CandleReads):
    """
    Closed candles of every series, and the running one.

    Reads return immutable snapshots and may come from any thread. Higher intervals are folded
    from 1m as those close; their older history is merged in from the exchange. Beside a running
    system a second store reads the files anew whenever they change.

    Args:
        settings: Default: the configuration file.
        home: Default: ``TRADING_HOME``.
        clock_ms: Local time; only ages in `get_cache_stats` of a store without a feed use it.
        log: The files; default: those in the cache of ``home``.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        home: Home | None = None,
        *,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        log: ParquetLog | None = None,
    ) -> None:
        data = (settings or load_settings()).data
        cache = (home or Home.from_environment()).cache
        table = SeriesTable(data, log or ParquetLog(cache))
        statistics = CacheStatistics(cache / "statistics.json")
        super().__init__(table, statistics)
        self._write_back = WriteBack(data, table, statistics)
        self._clock_ms = clock_ms
        self._market_ms = -1

    @property
    def alarm(self) -> str:
        """Why candles cannot be saved, or files not be read; empty when all is well."""
        return self._write_back.alarm or self.log.trouble

    def focus(self, symbols: Collection[str]) -> None:
        """
        Hold these symbols' series whole, of all others only the newest 1m candles.

        What is not held is read from files and folded when it is asked. Before the first call
        every symbol counts as focused.
        """
        self._table.focus(symbols)

    def append(self, symbol: str, candle: Candle) -> None:
        """Add a closed 1m candle; one that is not the newest is merged instead."""
        hot = self._table.minutes.get(symbol) or self._table.live(symbol, Interval.M1)
        if not hot.append(candle):
            self.merge(CandleSeries.from_candles(symbol, Interval.M1, [candle]))
        elif (candle.open_time_ms + MINUTE_MS) % _SHORTEST_MS == 0:
            with self._table.lock:
                if self._table.focused(symbol):
                    self._fold_up(hot, candle.open_time_ms + MINUTE_MS)

    def merge(self, series: CandleSeries) -> int:
        """
        Take closed candles of any interval, order and overlap; they win over known ones.

        Returns:
            How many were new or changed, as far as memory knows: bars that only the files
            hold count as new.
        """
        with self._table.lock:
            told = self._begin(series.symbol, series.interval).merge(series)
            if series.interval is Interval.M1 and len(told) and self._table.focused(series.symbol):
                self._refold(told)
        return len(told)

    def set_running(self, update: CandleUpdate) -> None:
        """Keep the 1m candle in progress; one that has closed already is ignored."""
        if update.event_time_ms > self._market_ms:  # noqa: PLR1730 - `max` takes three times as long
            self._market_ms = update.event_time_ms
        symbol = update.symbol
        hot = self._table.minutes.get(symbol) or self._table.live(symbol, Interval.M1)
        newest_ms = hot.ring.newest_ms
        if newest_ms is None or update.candle.open_time_ms > newest_ms:
            hot.running = update.candle

    def refresh(self, symbol: str, interval: Interval) -> None:
        """Read the file of a series again, as another process may have added to it. Blocking."""
        self._table.refresh(symbol, interval)

    def flush(self, *, everything: bool = False) -> None:
        """
        Save what is new, drop what is too old, and add up the statistics. Blocking.

        Meant to be called once a minute: series of focused symbols are saved each time, others
        each fifteenth time or when much has come in.

        Args:
            everything: Save all that is unsaved, as before the end.

        Raises:
            OSError: If a file cannot be written; what could not be saved is kept for next time.
        """
        self._write_back.flush(everything=everything)

    def vanished(self) -> tuple[tuple[str, Interval], ...]:
        """
        Return the series whose files a flush found gone since the last call, each once.

        What memory holds of them is written again by the next `flush`; older candles have to
        be fetched anew.
        """
        return self._write_back.vanished()

    def reads(self) -> Mapping[Tier, tuple[int, int]]:
        """Return hits and misses of all processes by tier; reads one small file."""
        return self._statistics.totals()

    def get_cache_stats(self) -> dict[str, Any]:
        """
        Return how the cache does: sizes, hits and misses of all processes, and each series.

        ``age_s`` is the time since the newest bar closed, by the newest market time this store
        was told; by the local clock where no feed tells it any, as in a shell.
        """
        now_ms = self._market_ms if self._market_ms >= 0 else self._clock_ms()
        report = cache_report(self._statistics.totals(), self.log, self._table.all(), now_ms)
        return report | {"alarm": self.alarm}

    def _fold_up(self, hot: HotSeries, closes_ms: int) -> None:
        """Add the bars that end at a time, each from the finer ones that do."""
        symbol, finer = hot.symbol, hot
        for interval, duration_ms, parts in _LADDER:
            if closes_ms % duration_ms:
                return  # nor does any longer one end here
            bar_ms = closes_ms - duration_ms
            coarser = self._begin(symbol, interval)
            known = finer.appended_since(bar_ms, parts)
            if known is None:
                minutes = self._closed(symbol, Interval.M1, bar_ms, closes_ms - 1)[0]
                coarser.add_missing(fold(minutes, interval))
            else:
                bar = join(bar_ms, known)
                if not coarser.append(bar):
                    told = CandleSeries.from_candles(symbol, interval, [bar])
                    coarser.add_missing(told)
            finer = coarser

    def _refold(self, told: CandleSeries) -> None:
        """Fold the bars of higher intervals that changed 1m candles in memory belong to."""
        hot, _ = self._table.read(told.symbol, Interval.M1)
        newest = hot.ring.snapshot()
        for interval in _HIGHER:
            first_ms = interval.open_time_ms(int(told.open_time_ms[0]))
            last_ms = interval.close_time_ms(interval.open_time_ms(int(told.open_time_ms[-1])))
            bars = fold(newest.between(first_ms, last_ms), interval)
            if len(bars):
                self._begin(told.symbol, interval).merge(bars)
