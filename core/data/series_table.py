"""Which series are in memory, and how much of each."""

import threading
from collections.abc import Collection

from core.config.settings import DataSettings
from core.data.hot_series import HotSeries
from core.data.merge import merged
from core.data.parquet_log import ParquetLog
from core.model.candles import CandleSeries
from core.model.intervals import Interval

# What may wait to be saved of a series that is only watched; the rest has no bound but days.
_MOST_UNSAVED_WATCHED = 10_000


class SeriesTable:
    """
    Series in memory by symbol and interval; those of focused symbols whole, others 1m only.

    Attributes:
        minutes: The 1m series this process adds to, by symbol.
        lock: While it is held no focus changes, and no series begins or is forgotten. Whoever
            adds to series other than 1m, which are never forgotten, holds it meanwhile.
    """

    def __init__(self, data: DataSettings, log: ParquetLog) -> None:
        self.minutes: dict[str, HotSeries] = {}
        self.log = log
        self._data = data
        self._focus: frozenset[str] | None = None
        self._series: dict[tuple[str, Interval], HotSeries] = {}
        self.lock = threading.RLock()

    def focused(self, symbol: str) -> bool:
        """Whether a symbol is traded or on screen; all are until `focus` was told."""
        return self._focus is None or symbol in self._focus

    def kept(self, symbol: str, interval: Interval) -> bool:
        """Whether a series stays in memory; others are read and folded when they are asked."""
        return interval is Interval.M1 or self.focused(symbol)

    def focus(self, symbols: Collection[str]) -> None:
        """Give these symbols the room that others lose."""
        with self.lock:
            self._focus = frozenset(symbols)
            for hot in self._series.values():
                hot.resize(self._capacity(hot.symbol), self._most_unsaved(hot.symbol))
                hot.live &= self.kept(hot.symbol, hot.interval)
            self.forget_unkept()

    def all(self) -> list[HotSeries]:
        """Return the series there are now."""
        with self.lock:
            return list(self._series.values())

    def find(self, symbol: str, interval: Interval) -> HotSeries | None:
        """Return a series if it is in memory."""
        return self._series.get((symbol, interval))

    def read(self, symbol: str, interval: Interval) -> tuple[HotSeries, CandleSeries | None]:
        """Return a series for reading, and its file if that had to be read."""
        hot = self._made(symbol, interval)
        if hot.thin or (not hot.live and hot.signature != self.log.signature(symbol, interval)):
            return hot, self._refilled(hot)
        return hot, None

    def live(
        self, symbol: str, interval: Interval, missing: CandleSeries | None = None
    ) -> HotSeries:
        """Return a series to add to; if it begins, with those ``missing`` that its file lacks."""
        with self.lock:
            if not self.kept(symbol, interval):
                return self.read(symbol, interval)[0]
            hot = self._made(symbol, interval)
            if not hot.live:
                self._refilled(hot, missing or CandleSeries.empty(symbol, interval))
            if interval is Interval.M1:
                self.minutes[symbol] = hot
            return hot

    def refresh(self, symbol: str, interval: Interval) -> None:
        """Fill a series from its file, if it is kept in memory."""
        if self.kept(symbol, interval):
            self._refilled(self._made(symbol, interval))

    def forget_unkept(self) -> None:
        """Drop what is saved and need not stay in memory."""
        with self.lock:
            for key, hot in list(self._series.items()):
                if not self.kept(*key) and not len(hot.unsaved):
                    del self._series[key]

    def _refilled(self, hot: HotSeries, missing: CandleSeries | None = None) -> CandleSeries:
        """Fill a series from its file, which is returned; with ``missing`` it becomes live."""
        # In the order in which candles move on, so that none is missed on its way.
        newer, signature = hot.newer, self.log.signature(hot.symbol, hot.interval)
        file = self.log.read(hot.symbol, hot.interval)
        hot.fill(merged(file, newer), signature, missing)
        return file

    def _made(self, symbol: str, interval: Interval) -> HotSeries:
        hot = self.find(symbol, interval)
        if hot is not None:
            return hot
        with self.lock:
            return self._series.setdefault(
                (symbol, interval),
                HotSeries(symbol, interval, self._capacity(symbol), self._most_unsaved(symbol)),
            )

    def _capacity(self, symbol: str) -> int:
        focused = self.focused(symbol)
        return self._data.hot_candles if focused else self._data.watched_candles

    def _most_unsaved(self, symbol: str) -> int:
        minutes_a_day = Interval.D1.duration_ms // Interval.M1.duration_ms
        kept = self._data.history_days * minutes_a_day
        return kept if self.focused(symbol) else min(kept, _MOST_UNSAVED_WATCHED)
