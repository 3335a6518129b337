"""Who bought and who sold, bar by bar, and the order book of this moment: values only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray, TimeArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]
BookLevel: TypeAlias = tuple[float, float]
"""Price in quote currency, quantity in base."""

_FLOATS = (
    "buy_volume",
    "sell_volume",
    "buy_quote_volume",
    "sell_quote_volume",
    "imbalance_mean",
    "imbalance_last",
    "spread_bps",
)


class OrderFlowError(ValueError):
    """Order flow that cannot be."""


@dataclass(frozen=True, slots=True, eq=False)
class FlowSeries:
    """
    What takers did and how the top of the book leaned, per 1m bar, oldest first.

    All arrays are read-only with shape ``(n,)``; times as in `CandleSeries`, with which rows
    are joined by ``open_time_ms``. Minutes of which nothing is known have no row. The newest
    row may still be running.

    Attributes:
        buy_volume: Base volume of takers who bought; NaN where no trade stream was heard.
        trades: Single trades, not aggregated ones.
        imbalance_mean: (bid - ask) / (bid + ask) of the best quantities, weighted by time; NaN
            where the top of the book was not heard.
        imbalance_last: The same at the end of the bar.
        spread_bps: Best ask less best bid over their middle, weighted by time.
        complete: Whether the bar has ended and trade ids prove that none is missing.

    Raises:
        OrderFlowError: If lengths differ or times do not strictly increase.
    """

    symbol: str
    open_time_ms: TimeArray
    buy_volume: FloatArray
    sell_volume: FloatArray
    buy_quote_volume: FloatArray
    sell_quote_volume: FloatArray
    trades: TimeArray
    imbalance_mean: FloatArray
    imbalance_last: FloatArray
    spread_bps: FloatArray
    complete: BoolArray

    def __post_init__(self) -> None:
        n = self.open_time_ms.size
        for name in (*_FLOATS, "trades", "complete", "open_time_ms"):
            column = getattr(self, name)
            if column.shape != (n,):
                raise OrderFlowError(f"{name} has shape {column.shape}, there are {n} rows")
            column.flags.writeable = False
        if n > 1 and not bool(np.all(self.open_time_ms[1:] > self.open_time_ms[:-1])):
            raise OrderFlowError(f"{self.symbol}: open times do not increase")

    def __len__(self) -> int:
        return int(self.open_time_ms.size)

    def rows(self, start: int, stop: int) -> "FlowSeries":
        """Return rows ``start`` to ``stop`` (exclusive) as views."""
        part = slice(start, stop)
        names = ("open_time_ms", *_FLOATS, "trades", "complete")
        return FlowSeries(self.symbol, **{name: getattr(self, name)[part] for name in names})

    @property
    def delta(self) -> FloatArray:
        """Base volume of buyers less that of sellers."""
        return self.buy_volume - self.sell_volume


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """
    Taker volume of one bar by price, lowest price first; arrays are read-only.

    Attributes:
        width: Height of a price bucket in quote currency.
        price: Lower edge of each bucket, shape ``(n,)``; buckets without trades are left out.
        buy_volume: Base volume of takers who bought in the bucket.
    """

    open_time_ms: int
    width: float
    price: FloatArray
    buy_volume: FloatArray
    sell_volume: FloatArray

    def __post_init__(self) -> None:
        if not self.width > 0.0:
            raise OrderFlowError(f"bucket width must be positive, was {self.width}")
        for name in ("price", "buy_volume", "sell_volume"):
            column = getattr(self, name)
            if column.shape != self.price.shape:
                raise OrderFlowError(f"{name} has shape {column.shape}, price {self.price.shape}")
            column.flags.writeable = False


class BookPhase(StrEnum):
    """How far a local order book may be relied on: only LIVE means it is the exchange's."""

    NONE = "none"
    SYNCING = "syncing"
    LIVE = "live"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class BookState:
    """
    The order book as it was known at one moment.

    Attributes:
        bids: Best levels, highest price first; empty unless ``state`` is LIVE.
        asks: Best levels, lowest price first; empty unless ``state`` is LIVE.
        age_s: Since the newest update, by the monotonic clock; None before the first.
        event_time_ms: Exchange time of the newest update; None before the first.
    """

    symbol: str
    state: BookPhase
    bids: tuple[BookLevel, ...] = ()
    asks: tuple[BookLevel, ...] = ()
    age_s: float | None = None
    event_time_ms: int | None = None

    def __post_init__(self) -> None:
        if self.state is not BookPhase.LIVE and (self.bids or self.asks):
            raise OrderFlowError(f"{self.symbol}: a book that is {self.state} shows no levels")

    @property
    def best_bid(self) -> BookLevel | None:
        """Highest bid; None where there is none."""
        return self.bids[0] if self.bids else None

    @property
    def best_ask(self) -> BookLevel | None:
        """Lowest ask; None where there is none."""
        return self.asks[0] if self.asks else None

    def imbalance(self, levels: int = 20) -> float | None:
        """Return (bids - asks) / (bids + asks) of the best quantities; None when both are empty."""
        bid = sum(quantity for _, quantity in self.bids[:levels])
        ask = sum(quantity for _, quantity in self.asks[:levels])
        return (bid - ask) / (bid + ask) if bid + ask > 0.0 else None
