"""One candle, and many candles as columns."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from core.model.intervals import Interval

FloatArray: TypeAlias = npt.NDArray[np.float64]
TimeArray: TypeAlias = npt.NDArray[np.int64]

PRICE_COLUMNS = ("open", "high", "low", "close")
FLOW_COLUMNS = (
    "volume",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "taker_buy_quote_volume",
)
VALUE_COLUMNS = PRICE_COLUMNS + FLOW_COLUMNS
_COLUMNS = ("open_time_ms", *VALUE_COLUMNS)  # in the order of a candle's fields
_set = object.__setattr__  # as the constructor of a frozen dataclass does
# Sums of 8-digit decimals parsed to float64 may exceed each other by rounding only.
_PART_OF_WHOLE = 1.0 + 1e-9


class CandleError(ValueError):
    """A candle that no market can have printed."""


class Candle(msgspec.Struct, frozen=True, gc=False):
    """
    What happened in one bar; prices in quote currency, volumes in base.

    A struct and not a dataclass, as thousands are made every second and a frozen dataclass costs
    five times as much; `msgspec.structs.replace` and `asdict` take the place of those of
    `dataclasses`.

    Raises:
        CandleError: If a value is not finite, a price is not positive, the
            range does not hold open and close, or a volume is negative or
            below its taker part.
    """

    open_time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    trades: int
    taker_buy_volume: float
    taker_buy_quote_volume: float

    def __post_init__(self) -> None:
        low, high = self.low, self.high
        if not (
            0.0 < low <= self.open <= high < math.inf
            and low <= self.close <= high
            and 0.0 <= self.taker_buy_volume <= self.volume * _PART_OF_WHOLE < math.inf
            and 0.0 <= self.taker_buy_quote_volume <= self.quote_volume * _PART_OF_WHOLE < math.inf
            and self.trades >= 0 <= self.open_time_ms
        ):
            raise CandleError(f"no market can have printed {self}")


class CandleUpdate(msgspec.Struct, frozen=True, gc=False):
    """
    A candle as a stream reported it.

    Attributes:
        closed: Whether the bar is final (``x`` of the kline payload).
        event_time_ms: Exchange time of the report (``E``).
        from_rest: Whether REST told it, because the stream did not.
        held: Whether it had to wait for an earlier one; the event time is then that of its turn.
    """

    symbol: str
    interval: Interval
    candle: Candle
    closed: bool
    event_time_ms: int
    from_rest: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CandleSeries:
    """
    Closed candles of one symbol and interval as read-only columns, oldest first.

    All arrays have shape ``(n,)``; times are int64 epoch milliseconds, the
    other columns float64 (``trades`` int64). Gaps are allowed, disorder is not.

    Raises:
        CandleError: If lengths differ or times do not strictly increase.
    """

    symbol: str
    interval: Interval
    open_time_ms: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    quote_volume: FloatArray
    trades: TimeArray
    taker_buy_volume: FloatArray
    taker_buy_quote_volume: FloatArray

    def __post_init__(self) -> None:
        n = self.open_time_ms.size
        for name in VALUE_COLUMNS:
            column = getattr(self, name)
            if column.shape != (n,):
                raise CandleError(f"{name} has shape {column.shape}, open_time_ms has {n} rows")
            column.setflags(write=False)
        self.open_time_ms.setflags(write=False)
        if n > 1 and not bool((self.open_time_ms[1:] > self.open_time_ms[:-1]).all()):
            raise CandleError(f"{self.symbol} {self.interval}: open times do not increase")

    @classmethod
    def unchecked(
        cls, symbol: str, interval: Interval, columns: Iterable[npt.NDArray[Any]]
    ) -> "CandleSeries":
        """Put columns together that are known to be read-only, in order and of one length."""
        series = object.__new__(cls)
        _set(series, "symbol", symbol)
        _set(series, "interval", interval)
        for name, column in zip(_COLUMNS, columns, strict=True):
            _set(series, name, column)
        return series

    @classmethod
    def empty(cls, symbol: str, interval: Interval) -> "CandleSeries":
        """Return a series without candles."""
        return cls.from_candles(symbol, interval, ())

    @classmethod
    def from_candles(
        cls, symbol: str, interval: Interval, candles: Iterable[Candle]
    ) -> "CandleSeries":
        """Turn rows into columns; rows must be in order."""
        rows = list(candles)
        columns: dict[str, Any] = {
            name: np.array([getattr(row, name) for row in rows], dtype=_dtype(name))
            for name in _COLUMNS
        }
        return cls(symbol, interval, **columns)

    def __len__(self) -> int:
        return int(self.open_time_ms.size)

    def __iter__(self) -> Iterator[Candle]:
        # Whole columns at once: asking each array for each row takes several times as long.
        return map(Candle, *(getattr(self, name).tolist() for name in _COLUMNS))

    def candle(self, i: int) -> Candle:
        """Return row ``i``; negative counts from the end."""
        values = {name: getattr(self, name)[i].item() for name in VALUE_COLUMNS}
        return Candle(open_time_ms=int(self.open_time_ms[i]), **values)

    def rows(self, start: int, stop: int) -> "CandleSeries":
        """Return rows ``start`` to ``stop`` (exclusive) as views."""
        if start == 0 and stop >= len(self):
            return self
        part = slice(start, stop)
        # Rows of what was checked need no check, and views of what is read-only are so too. Each
        # minute of each open trade is read this way.
        columns = [getattr(self, name)[part] for name in _COLUMNS]
        return CandleSeries.unchecked(self.symbol, self.interval, columns)

    def head(self, n: int) -> "CandleSeries":
        """Return the oldest ``n`` candles."""
        return self.rows(0, n)

    def tail(self, n: int) -> "CandleSeries":
        """Return the newest ``n`` candles."""
        return self.rows(max(len(self) - n, 0), len(self))

    def between(self, start_ms: int | None, end_ms: int | None) -> "CandleSeries":
        """Return candles whose open time is in ``[start_ms, end_ms]``; None is unbounded."""
        times = self.open_time_ms
        low = 0 if start_ms is None else int(times.searchsorted(start_ms))
        high = len(self) if end_ms is None else int(times.searchsorted(end_ms, side="right"))
        return self.rows(low, max(low, high))


def _dtype(column: str) -> type[np.int64] | type[np.float64]:
    return np.int64 if column in {"open_time_ms", "trades"} else np.float64
