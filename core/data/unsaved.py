"""Candles of one series that no file has yet."""

import threading
from dataclasses import dataclass

import numpy as np

from core.data.merge import merged
from core.model.candles import Candle, CandleSeries, TimeArray
from core.model.intervals import Interval

# A longer list of single candles is turned to columns, which take a quarter of the memory.
_LONGEST_LIST = 512
_ROW_BYTES = 8 * 10


@dataclass(frozen=True, slots=True, eq=False)
class Unsaved:
    """Candles to save, and a mark of how far they reach."""

    candles: CandleSeries
    appended: int
    merged: CandleSeries


class UnsavedCandles:
    """
    What waits to be saved, in any age.

    Args:
        symbol: Of the candles.
        interval: Of the candles.
        most: How many wait at most. While saving fails the oldest of them are given up: they
            can be had from the exchange again.
        lock: Held by whoever calls `append` or `replace`.
    """

    def __init__(self, symbol: str, interval: Interval, most: int, lock: threading.RLock) -> None:
        self.most = most
        self._symbol = symbol
        self._interval = interval
        self._lock = lock
        self._nothing = CandleSeries.empty(symbol, interval)
        self._appended: list[Candle] = []
        self._merged = self._nothing

    def __len__(self) -> int:
        return len(self._merged) + len(self._appended)

    @property
    def memory_bytes(self) -> int:
        """About how much they take."""
        return _ROW_BYTES * len(self)

    @property
    def oldest_ms(self) -> int | None:
        """Open time of the oldest."""
        with self._lock:
            oldest = [int(self._merged.open_time_ms[0])] if len(self._merged) else []
            oldest += [self._appended[0].open_time_ms] if self._appended else []
        return min(oldest, default=None)

    @property
    def open_times(self) -> TimeArray:
        """Which bars there are, in no order."""
        with self._lock:
            appended = np.array([row.open_time_ms for row in self._appended], dtype=np.int64)
            return np.concatenate((self._merged.open_time_ms, appended))

    @property
    def candles(self) -> CandleSeries:
        """All of them, in order."""
        return self.taken().candles

    def append(self, candle: Candle) -> None:
        """Add one that is newer than those appended before."""
        self._appended.append(candle)
        if len(self._appended) >= _LONGEST_LIST:
            self.replace(self.candles)

    def replace(self, candles: CandleSeries) -> None:
        """Let these wait instead."""
        self._merged, self._appended = candles.tail(self.most), []

    def taken(self) -> Unsaved:
        """Return what there is; it waits on until `saved` is told."""
        with self._lock:
            n = len(self._appended)
            tail = CandleSeries.from_candles(self._symbol, self._interval, self._appended)
            return Unsaved(merged(self._merged, tail) if n else self._merged, n, self._merged)

    def saved(self, unsaved: Unsaved) -> None:
        """Forget what was saved, unless it changed meanwhile."""
        with self._lock:
            if self._merged is unsaved.merged:
                self._merged = self._nothing
                self._appended = self._appended[unsaved.appended :]
