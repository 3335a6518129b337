"""What screens and strategies read of the candles: from memory, else from files."""

from typing import TYPE_CHECKING

import numpy as np

from core.data.cache_statistics import CacheStatistics, Tier
from core.data.fold import fold, fold_running
from core.data.hot_series import HotSeries
from core.data.merge import joined
from core.data.parquet_log import ParquetLog
from core.data.series_table import SeriesTable
from core.model.candles import VALUE_COLUMNS, Candle, CandleSeries, TimeArray
from core.model.intervals import MINUTE_MS, Interval

if TYPE_CHECKING:
    import pandas as pd


class CandleReads:
    """The reading half of a store; immutable answers, from any thread."""

    def __init__(self, table: SeriesTable, statistics: CacheStatistics) -> None:
        self._table = table
        self._statistics = statistics

    @property
    def log(self) -> ParquetLog:
        """The files."""
        return self._table.log

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
        found, tier = self._closed(symbol, interval, start_ms, end_ms, limit)
        self._statistics.count(Tier.MEMORY, hit=tier is Tier.MEMORY)
        if tier is not Tier.MEMORY:
            self._statistics.count(Tier.PARQUET, hit=tier is Tier.PARQUET)
        return found

    def get_dataframe(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int | None = None,
    ) -> "pd.DataFrame":
        """Return what `candles` does as a frame of its own, indexed by ``open_time`` in UTC."""
        import pandas as pd  # noqa: PLC0415 - half a second that only a shell or notebook pays

        found = self.candles(symbol, interval, start_ms=start_ms, end_ms=end_ms, limit=limit)
        times = pd.DatetimeIndex(found.open_time_ms.astype("datetime64[ms]"), name="open_time")
        columns = {name: getattr(found, name).copy() for name in VALUE_COLUMNS}
        return pd.DataFrame(columns, index=times.tz_localize("UTC"))

    def count_rest_read(self, *, hit: bool = True) -> None:
        """Count that the exchange had to be asked for candles; a miss where it had none."""
        self._statistics.count(Tier.REST, hit=hit)

    def open_times(self, symbol: str, interval: Interval, start_ms: int | None = None) -> TimeArray:
        """Return which bars are there, oldest first; not counted as a read of the cache."""
        return self._closed(symbol, interval, start_ms, None)[0].open_time_ms

    def running(self, symbol: str, interval: Interval) -> Candle | None:
        """Return the bar in progress; None when unknown or when a minute of it is missing."""
        hot, _ = self._table.read(symbol, Interval.M1)
        running, newest_ms = hot.running, hot.ring.newest_ms
        if running is not None and newest_ms is not None and running.open_time_ms <= newest_ms:
            running = None
        if interval is Interval.M1:
            return running
        next_ms = running.open_time_ms if running is not None else (newest_ms or 0) + MINUTE_MS
        bar_ms = interval.open_time_ms(next_ms)
        part = self._closed(symbol, Interval.M1, bar_ms, next_ms - 1)[0]
        return fold_running(part, running, interval)

    def get_cached_symbols(self) -> list[str]:
        """Return the symbols that have any candle, in order."""
        hot = {series.symbol for series in self._table.all() if len(series.ring)}
        return sorted(hot | {symbol for symbol, _ in self.log.series()})

    def _closed(
        self,
        symbol: str,
        interval: Interval,
        start_ms: int | None,
        end_ms: int | None,
        limit: int | None = None,
    ) -> tuple[CandleSeries, Tier | None]:
        """Return closed candles, and which tier had them; None when none has any."""
        if self._to_be_folded(symbol, interval):
            found = _cut(self._folded(symbol, interval), start_ms, end_ms, limit)
            return found, Tier.PARQUET if len(found) else None
        hot, file = self._table.read(symbol, interval)
        newest = hot.ring.snapshot()
        oldest_ms = int(newest.open_time_ms[0]) if len(newest) else None
        inside = _cut(newest, start_ms, end_ms, limit)
        enough = len(inside) == limit or (
            start_ms is not None and oldest_ms is not None and start_ms >= oldest_ms
        )
        tier = None if oldest_ms is None else Tier.MEMORY if file is None else Tier.PARQUET
        if enough or not _reaches_further(self.log, hot, file, oldest_ms):
            return inside, tier
        whole = self._whole(hot, file)
        return _cut(whole, start_ms, end_ms, limit), Tier.PARQUET

    def _whole(self, hot: HotSeries, file: CandleSeries | None) -> CandleSeries:
        """Return all that files and memory have."""
        if file is not None and not len(hot.newer):
            return file
        # In the order in which candles move on, so that none is missed on its way.
        newest, unsaved = hot.ring.snapshot(), hot.unsaved.candles
        return joined([self.log.read(hot.symbol, hot.interval), unsaved, newest])

    def _to_be_folded(self, symbol: str, interval: Interval) -> bool:
        """Whether a series is neither kept in memory nor as far as its minutes are."""
        if interval is Interval.M1:
            return False
        if not self._table.kept(symbol, interval):
            return True
        if symbol in self._table.minutes:
            return not self._begin(symbol, interval).live  # it is out of focus since
        minutes_ms = self._table.read(symbol, Interval.M1)[0].ring.newest_ms
        newest_ms = self._table.read(symbol, interval)[0].ring.newest_ms
        return minutes_ms is not None and (
            newest_ms is None or minutes_ms + MINUTE_MS >= newest_ms + 2 * interval.duration_ms
        )

    def _begin(self, symbol: str, interval: Interval) -> HotSeries:
        """Return a series to add to; of a higher interval with what its minutes make of it."""
        found = self._table.find(symbol, interval)
        if found is not None and found.live:
            return found
        # What is folded must be in the series before anything newer is: bars missing before
        # the first one of a file are not looked for again.
        with self._table.lock:
            if interval is Interval.M1 or not self._table.kept(symbol, interval):
                return self._table.live(symbol, interval)
            hot, _ = self._table.read(symbol, interval)
            first_ms = _first_absent_ms(hot.ring.snapshot())
            minutes = self._closed(symbol, Interval.M1, first_ms, None)[0]
            missing = fold(minutes, interval).tail(hot.ring.capacity)
            return self._table.live(symbol, interval, missing)

    def _folded(self, symbol: str, interval: Interval) -> CandleSeries:
        """Return what files and memory have of a series, and its minutes where they do not."""
        hot = self._table.find(symbol, interval)
        unsaved = [hot.unsaved.candles] if hot is not None else []
        known = joined([self.log.read(symbol, interval), *unsaved])
        minutes = self._closed(symbol, Interval.M1, _first_absent_ms(known), None)[0]
        return joined([fold(minutes, interval), known])


def _first_absent_ms(series: CandleSeries) -> int | None:
    """Return the open time of the first bar after which minutes are needed; None for all."""
    if not len(series):
        return None
    step, times = series.interval.duration_ms, series.open_time_ms
    holes = np.flatnonzero(np.diff(times) > step)
    return int(times[holes[0] if holes.size else -1]) + step


def _cut(
    series: CandleSeries, start_ms: int | None, end_ms: int | None, limit: int | None
) -> CandleSeries:
    inside = series if start_ms is None and end_ms is None else series.between(start_ms, end_ms)
    return inside if limit is None or len(inside) <= limit else inside.tail(limit)


def _reaches_further(
    log: ParquetLog, hot: HotSeries, file: CandleSeries | None, oldest_ms: int | None
) -> bool:
    """Whether there are bars older than those in memory."""
    if oldest_ms is None:
        return False
    unsaved_ms = hot.unsaved.oldest_ms
    if unsaved_ms is not None and unsaved_ms < oldest_ms:
        return True
    if file is not None:
        return bool(len(file)) and int(file.open_time_ms[0]) < oldest_ms
    extent = log.extent(hot.symbol, hot.interval)
    return extent is not None and extent.oldest_ms < oldest_ms
