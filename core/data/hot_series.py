"""One series in memory: its newest candles, and what has not been saved yet."""

import threading
from collections import deque

import numpy as np

from core.data.merge import merged, news, picked
from core.data.parquet_log import Signature
from core.data.ring import CandleRing
from core.data.unsaved import Unsaved, UnsavedCandles
from core.model.candles import Candle, CandleSeries, TimeArray
from core.model.intervals import Interval

# A bar of any interval has at most so many of the next finer one.
_MOST_PARTS = 6


class HotSeries:
    """
    The newest candles (a ring) and the unsaved ones, which may be older than the ring.

    Writers exclude each other by a lock; reading the ring is safe without.

    Args:
        symbol: Of the candles.
        interval: Of the candles.
        capacity: Of the ring.
        most_unsaved: How many wait to be saved at most.

    Attributes:
        ring: The newest candles.
        unsaved: Those no file has.
        live: Whether this process adds to the series, so that memory knows better than disk;
            `SeriesTable` alone ends it.
        thin: Whether the disk may have candles that belong into the ring.
        signature: Of the file the memory was filled from or saved to; None without one.
        running: The newest candle told that had not closed; stale once its bar is in the ring.
    """

    def __init__(self, symbol: str, interval: Interval, capacity: int, most_unsaved: int) -> None:
        self.symbol = symbol
        self.interval = interval
        self._lock = threading.RLock()
        self.ring = CandleRing(symbol, interval, capacity)
        self.unsaved = UnsavedCandles(symbol, interval, most_unsaved, self._lock)
        self.live = False
        self.thin = False
        self.signature: Signature | None = None
        self.running: Candle | None = None
        self._recent: deque[Candle] = deque(maxlen=_MOST_PARTS)

    @property
    def open_times(self) -> TimeArray:
        """Which bars are in memory, unsaved ones included, in order."""
        with self._lock:
            parts = (self.unsaved.open_times, self.ring.snapshot().open_time_ms)
        return np.unique(np.concatenate(parts))

    @property
    def newer(self) -> CandleSeries:
        """What memory has and files may lack; empty where the file knows best."""
        with self._lock:
            if self.live or len(self.unsaved):
                return merged(self.unsaved.candles, self.ring.snapshot())
            return CandleSeries.empty(self.symbol, self.interval)

    def fill(
        self,
        kept: CandleSeries,
        signature: Signature | None,
        missing: CandleSeries | None = None,
    ) -> None:
        """
        Put candles from the disk below those in memory, which win.

        Args:
            kept: What the file has.
            signature: Of the file.
            missing: What is known besides; given, the series becomes live, whole at once.
        """
        with self._lock:
            self.ring.replace(merged(kept.tail(self.ring.capacity), self.newer))
            self.thin = False
            self._seen(signature)
            if missing is not None:
                self.add_missing(missing)
                self.live = True

    def _seen(self, signature: Signature | None) -> None:
        """Remember the file memory agrees with; a live series does not forget that it had one."""
        if signature is not None or not self.live:
            self.signature = signature

    def resize(self, capacity: int, most_unsaved: int) -> None:
        """Hold so many from now on; what a larger ring lacks is on disk."""
        with self._lock:
            self.unsaved.most = most_unsaved
            if capacity != self.ring.capacity:
                self.thin |= capacity > self.ring.capacity
                self.ring.resize(capacity)

    def append(self, candle: Candle) -> bool:
        """Add a candle if it is newer than all others, and return whether it was."""
        with self._lock:
            newest_ms = self.ring.newest_ms
            if newest_ms is not None and candle.open_time_ms <= newest_ms:
                return False
            self.ring.append(candle)
            self._recent.append(candle)
            self.unsaved.append(candle)
            return True

    def appended_since(self, start_ms: int, parts: int) -> list[Candle] | None:
        """Return the newest ``parts`` candles if they begin at ``start_ms`` and have no hole."""
        with self._lock:
            found = list(self._recent)[-parts:]
        end_ms = start_ms + (parts - 1) * self.interval.duration_ms
        whole = (
            len(found) == parts
            and found[0].open_time_ms == start_ms
            and found[-1].open_time_ms == end_ms
        )
        return found if whole else None

    def merge(self, told: CandleSeries) -> CandleSeries:
        """Take candles of any age, which win over known ones; return those new or changed."""
        with self._lock:
            newest, unsaved = self.ring.snapshot(), self.unsaved.candles
            told = picked(told, news(merged(unsaved, newest), told))
            if len(told):
                self.ring.replace(merged(newest, told))
                self.unsaved.replace(merged(unsaved, told))
                self._recent.clear()
            return told

    def add_missing(self, told: CandleSeries) -> CandleSeries:
        """Take only candles whose bar is not known; return them."""
        with self._lock:
            return self.merge(picked(told, ~np.isin(told.open_time_ms, self.open_times)))

    def saved(self, unsaved: Unsaved, signature: Signature | None) -> None:
        """Forget what was saved, unless it changed meanwhile; tell into which file."""
        with self._lock:
            self.unsaved.saved(unsaved)
            self._seen(signature)

    def lost(self) -> None:
        """Count all that is in memory as unsaved, since the file has gone."""
        with self._lock:
            self.signature = None
            self.unsaved.replace(merged(self.unsaved.candles, self.ring.snapshot()))
