"""The newest candles of one series in constant memory."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import VALUE_COLUMNS, Candle, CandleSeries, FloatArray, TimeArray
from core.model.intervals import Interval

_FLOATS = tuple(name for name in VALUE_COLUMNS if name != "trades")
_INTEGERS = ("open_time_ms", "trades")


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Columns, and which rows of them are the content; replaced as a whole."""

    floats: FloatArray
    integers: TimeArray
    start: int
    stop: int


class CandleRing:
    """
    A bounded series: appending to a full one drops its oldest candle.

    Rows are written once into buffers of twice the capacity and never moved or overwritten;
    a full buffer is left to its readers and the content copied to a new one. So an append
    costs O(1) on average, a snapshot copies nothing, and no snapshot ever changes, in
    whatever thread it is read. Writers must not overlap.
    """

    def __init__(self, symbol: str, interval: Interval, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, was {capacity}")
        self._symbol = symbol
        self._interval = interval
        self._capacity = capacity
        self._window = self._holding(CandleSeries.empty(symbol, interval))
        self._snapshot: tuple[_Window, CandleSeries] | None = None

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
        return self._window.floats.nbytes + self._window.integers.nbytes

    @property
    def newest_ms(self) -> int | None:
        """Open time of the newest candle."""
        window = self._window
        return int(window.integers[0, window.stop - 1]) if window.stop > window.start else None

    @property
    def oldest_ms(self) -> int | None:
        """Open time of the oldest candle."""
        window = self._window
        return int(window.integers[0, window.start]) if window.stop > window.start else None

    def append(self, candle: Candle) -> None:
        """
        Add a candle that is newer than all others.

        Raises:
            ValueError: If it is not newer.
        """
        newest_ms = self.newest_ms
        if newest_ms is not None and candle.open_time_ms <= newest_ms:
            raise ValueError(f"candle of {candle.open_time_ms} after one of {newest_ms}")
        window = self._window
        if window.stop == window.integers.shape[1]:
            window = self._holding(self.snapshot().tail(self._capacity - 1))
        at = window.stop
        window.floats[:, at] = [getattr(candle, name) for name in _FLOATS]
        window.integers[:, at] = (candle.open_time_ms, candle.trades)
        start = max(window.start, at + 1 - self._capacity)
        self._window = _Window(window.floats, window.integers, start, at + 1)

    def replace(self, series: CandleSeries) -> None:
        """Hold the newest candles of ``series`` instead."""
        self._window = self._holding(series.tail(self._capacity))

    def snapshot(self) -> CandleSeries:
        """Return the content; it stays as it is, whatever is appended later."""
        window, known = self._window, self._snapshot
        if known is not None and known[0] is window:
            return known[1]
        rows = slice(window.start, window.stop)
        series = CandleSeries(
            self._symbol,
            self._interval,
            window.integers[0, rows],
            **{name: window.floats[i, rows] for i, name in enumerate(_FLOATS)},
            trades=window.integers[1, rows],
        )
        self._snapshot = (window, series)
        return series

    def _holding(self, series: CandleSeries) -> _Window:
        floats = np.empty((len(_FLOATS), 2 * self._capacity), dtype=np.float64)
        integers = np.empty((len(_INTEGERS), 2 * self._capacity), dtype=np.int64)
        n = len(series)
        for i, name in enumerate(_FLOATS):
            floats[i, :n] = getattr(series, name)
        for i, name in enumerate(_INTEGERS):
            integers[i, :n] = getattr(series, name)
        return _Window(floats, integers, 0, n)
