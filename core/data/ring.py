"""The newest candles of one series in constant memory."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.model.candles import VALUE_COLUMNS, Candle, CandleSeries
from core.model.intervals import Interval

_COLUMNS = ("open_time_ms", *VALUE_COLUMNS)
_INTEGERS = ("open_time_ms", "trades")
# Rows beyond the capacity: a full buffer is copied once in so many appends.
_SPARE_ROWS = 16
_SPARE_SHARE = 4


class _Window(NamedTuple):
    """Columns in the order of a series, and which rows are the content; replaced as a whole."""

    columns: tuple[npt.NDArray[Any], ...]
    start: int
    stop: int


class CandleRing:
    """
    A bounded series: appending to a full one drops its oldest candle.

    Rows are written once into buffers longer than the capacity and never moved or overwritten;
    a full buffer is left to its readers and the content copied to a new one. So an append
    costs O(1) on average, a snapshot copies nothing, and no snapshot ever changes, in
    whatever thread it is read. Writers must not overlap.

    Attributes:
        newest_ms: Open time of the newest candle; only the ring itself sets it.
    """

    def __init__(self, symbol: str, interval: Interval, capacity: int) -> None:
        self.newest_ms: int | None = None
        self._symbol = symbol
        self._interval = interval
        self._snapshot: tuple[_Window, CandleSeries] | None = None
        self._window = _Window((), 0, 0)
        self._hold(CandleSeries.empty(symbol, interval), capacity)

    def __len__(self) -> int:
        window = self._window
        return window.stop - window.start

    @property
    def capacity(self) -> int:
        """How many candles it holds at most."""
        return self._capacity

    @property
    def memory_bytes(self) -> int:
        """Size of its buffers."""
        return sum(column.nbytes for column in self._buffers)

    @property
    def oldest_ms(self) -> int | None:
        """Open time of the oldest candle."""
        window = self._window
        return int(window.columns[0][window.start]) if window.stop > window.start else None

    def append(self, candle: Candle) -> None:
        """
        Add a candle that is newer than all others.

        Raises:
            ValueError: If it is not newer.
        """
        time_ms, newest_ms = candle.open_time_ms, self.newest_ms
        if newest_ms is not None and time_ms <= newest_ms:
            raise ValueError(f"candle of {time_ms} after one of {newest_ms}")
        columns, start, at = self._window
        if at == self._rows:
            self._hold(self.snapshot().tail(self._capacity - 1), self._capacity)
            columns, start, at = self._window
        # Written out: this is the hot path, and a loop over names costs four times as much.
        columns[0][at] = time_ms
        columns[1][at] = candle.open
        columns[2][at] = candle.high
        columns[3][at] = candle.low
        columns[4][at] = candle.close
        columns[5][at] = candle.volume
        columns[6][at] = candle.quote_volume
        columns[7][at] = candle.trades
        columns[8][at] = candle.taker_buy_volume
        columns[9][at] = candle.taker_buy_quote_volume
        at += 1
        start = max(start, at - self._capacity)
        self._window = _Window(columns, start, at)
        self.newest_ms = time_ms

    def replace(self, series: CandleSeries) -> None:
        """Hold the newest candles of ``series`` instead."""
        self._hold(series, self._capacity)

    def resize(self, capacity: int) -> None:
        """Hold at most ``capacity`` candles from now on."""
        self._hold(self.snapshot(), capacity)

    def snapshot(self) -> CandleSeries:
        """Return the content; it stays as it is, whatever is appended later."""
        window, known = self._window, self._snapshot
        if known is not None and known[0] is window:
            return known[1]
        rows = slice(window.start, window.stop)
        columns = [column[rows] for column in window.columns]
        for column in columns:
            column.setflags(write=False)
        # In order, as `append` refuses what is not: to look again would cost more than all else.
        series = CandleSeries.unchecked(self._symbol, self._interval, columns)
        self._snapshot = (window, series)
        return series

    def _hold(self, series: CandleSeries, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, was {capacity}")
        series = series.tail(capacity)
        n, rows = len(series), capacity + max(_SPARE_ROWS, capacity // _SPARE_SHARE)
        floats = np.empty((len(_COLUMNS) - len(_INTEGERS), rows), dtype=np.float64)
        integers = np.empty((len(_INTEGERS), rows), dtype=np.int64)
        left = {True: iter(integers), False: iter(floats)}
        columns = tuple(next(left[name in _INTEGERS]) for name in _COLUMNS)
        for name, column in zip(_COLUMNS, columns, strict=True):
            column[:n] = getattr(series, name)
        self._capacity, self._rows, self._buffers = capacity, rows, (floats, integers)
        self._window = _Window(columns, 0, n)
        self.newest_ms = int(series.open_time_ms[-1]) if n else None
