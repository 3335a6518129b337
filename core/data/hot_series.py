"""One series in memory: its newest candles, and what has not been saved yet."""

import threading
from dataclasses import dataclass

import numpy as np

from core.data.merge import joined, merged, news, picked
from core.data.ring import CandleRing
from core.model.candles import Candle, CandleSeries
from core.model.intervals import Interval


@dataclass(frozen=True, slots=True, eq=False)
class Unsaved:
    """Candles to save, and a mark of how far they reach."""

    candles: CandleSeries
    appended: int
    merged: CandleSeries


class HotSeries:
    """
    The newest candles (a ring) and the unsaved ones, which may be older than the ring.

    Writers exclude each other by a lock; `newest` is safe without.

    Attributes:
        live: Whether this process adds to the series, so that memory knows better than disk.
        signature: Of the file the memory was filled from; None when it was never read.
    """

    def __init__(self, symbol: str, interval: Interval, capacity: int) -> None:
        self.ring = CandleRing(symbol, interval, capacity)
        self.live = False
        self.signature: tuple[int, int] | None = None
        self._nothing = CandleSeries.empty(symbol, interval)
        self._appended: list[Candle] = []
        self._merged = self._nothing
        self._lock = threading.RLock()

    @property
    def newest(self) -> CandleSeries:
        """The candles in memory."""
        return self.ring.snapshot()

    @property
    def memory_bytes(self) -> int:
        """Size of the buffers and of what waits to be saved."""
        row_bytes = 8 * 10
        return self.ring.memory_bytes + row_bytes * (len(self._merged) + len(self._appended))

    def fill(self, kept: CandleSeries) -> None:
        """Put candles from disk below those in memory, which win."""
        with self._lock:
            kept = kept.tail(self.ring.capacity)
            self.ring.replace(merged(kept, self.newest) if self.live else kept)

    def append(self, candle: Candle) -> bool:
        """Add a candle if it is newer than all others, and return whether it was."""
        with self._lock:
            newest_ms = self.ring.newest_ms
            if newest_ms is not None and candle.open_time_ms <= newest_ms:
                return False
            self.ring.append(candle)
            self._appended.append(candle)
            return True

    def merge(self, told: CandleSeries) -> CandleSeries:
        """Take candles of any age, which win over known ones; return those new or changed."""
        with self._lock:
            newest = self.newest
            known = merged(self.unsaved().candles, newest)
            told = picked(told, news(known, told))
            if len(told):
                self.ring.replace(merged(newest, told))
                self._merged = merged(self.unsaved().candles, told)
                self._appended = []
            return told

    def add_missing(self, told: CandleSeries) -> CandleSeries:
        """Take only candles whose bar is not known; return them."""
        with self._lock:
            known = joined([self.unsaved().candles, self.newest])
            return self.merge(picked(told, ~np.isin(told.open_time_ms, known.open_time_ms)))

    def unsaved(self) -> Unsaved:
        """Return what is not on disk yet; it stays unsaved until `saved` is told."""
        with self._lock:
            n = len(self._appended)
            tail = CandleSeries.from_candles(
                self._nothing.symbol, self._nothing.interval, self._appended
            )
            return Unsaved(merged(self._merged, tail), n, self._merged)

    def saved(self, unsaved: Unsaved) -> None:
        """Forget what was saved, unless it changed meanwhile."""
        with self._lock:
            if self._merged is unsaved.merged:
                self._merged = self._nothing
                self._appended = self._appended[unsaved.appended :]
