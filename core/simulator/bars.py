"""Candles as integer columns, and the folding of finer into coarser ones (exact, no floats)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.simulator.seconds import DAY_MINUTES, DAY_MS, MINUTE_S, IntArray, Seconds

MINUTE_MS = 60_000
# Trade ids count up within a day from a base of its own: a day never needs the one before.
TRADES_PER_DAY = 100_000_000
# What the exchange offers, in minutes; all of them divide the UTC day.
KLINE_MINUTES = {
    "1m": 1,
    "3m": 3,
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "6h": 360,
    "8h": 480,
    "12h": 720,
    "1d": 1440,
}


class Bar(NamedTuple):
    """One row of `Bars`."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    quote: int
    trades: int
    buy: int
    buy_quote: int
    first_trade: int


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """
    Contiguous candles, oldest first; every array has shape ``(n,)``.

    Prices, quantities and quote volumes are in the integer units of the listing.

    Attributes:
        first_trade: Id of the first trade; the last one is ``first_trade + trades - 1``.
    """

    open_ms: IntArray
    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    volume: IntArray
    quote: IntArray
    trades: IntArray
    buy: IntArray
    buy_quote: IntArray
    first_trade: IntArray

    def __len__(self) -> int:
        return int(self.open_ms.size)

    def __iter__(self) -> Iterator[Bar]:
        columns = (getattr(self, name).tolist() for name in Bar._fields)
        return (Bar(*row) for row in zip(*columns, strict=True))

    def rows(self, start: int, stop: int) -> "Bars":
        """Return rows ``start`` to ``stop`` (exclusive) as views."""
        return Bars(*(getattr(self, f.name)[start:stop] for f in fields(self)))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Bars":
        """Return the rows that are marked."""
        return Bars(*(getattr(self, f.name)[kept] for f in fields(self)))


def join(parts: list[Bars]) -> Bars:
    """Put contiguous runs of bars behind each other."""
    if not parts:
        nothing = np.empty(0, dtype=np.int64)
        return Bars(*(nothing for _ in fields(Bars)))
    return Bars(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Bars)))


def of_rows(rows: list[Bar]) -> Bars:
    """Put rows into columns."""
    return Bars(*(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)))


def minutes_of(seconds: Seconds, day: int) -> Bars:
    """Fold the seconds of a UTC day (counted from 1970) into its 1,440 minutes."""
    price = seconds.price.reshape(DAY_MINUTES, MINUTE_S)
    buy = seconds.buy.reshape(DAY_MINUTES, MINUTE_S)
    volume = buy + seconds.sell.reshape(DAY_MINUTES, MINUTE_S)
    trades = seconds.trades.reshape(DAY_MINUTES, MINUTE_S).sum(axis=1)
    return Bars(
        open_ms=day * DAY_MS + np.arange(DAY_MINUTES, dtype=np.int64) * MINUTE_MS,
        open=price[:, 0].copy(),
        high=price.max(axis=1),
        low=price.min(axis=1),
        close=price[:, -1].copy(),
        volume=volume.sum(axis=1),
        quote=np.einsum("ij,ij->i", price, volume),
        trades=trades,
        buy=buy.sum(axis=1),
        buy_quote=np.einsum("ij,ij->i", price, buy),
        first_trade=day * TRADES_PER_DAY + np.cumsum(trades) - trades,
    )


def fold(bars: Bars, size: int) -> Bars:
    """Fold groups of ``size`` bars into one; the number of bars must be a multiple of it."""
    if size == 1:
        return bars

    def grouped(column: IntArray) -> IntArray:
        return column.reshape(-1, size)

    return Bars(
        open_ms=grouped(bars.open_ms)[:, 0],
        open=grouped(bars.open)[:, 0],
        high=grouped(bars.high).max(axis=1),
        low=grouped(bars.low).min(axis=1),
        close=grouped(bars.close)[:, -1],
        volume=grouped(bars.volume).sum(axis=1),
        quote=grouped(bars.quote).sum(axis=1),
        trades=grouped(bars.trades).sum(axis=1),
        buy=grouped(bars.buy).sum(axis=1),
        buy_quote=grouped(bars.buy_quote).sum(axis=1),
        first_trade=grouped(bars.first_trade)[:, 0],
    )
