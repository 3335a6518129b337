"""What the market streams tell besides candles, as types; no bytes and no clock in here."""

from typing import TypeAlias

import msgspec

from core.model.candles import CandleUpdate

Level: TypeAlias = tuple[float, float]
"""Price in quote currency, quantity in base; quantity 0 removes the level."""


class MarkPrice(msgspec.Struct, frozen=True, gc=False):
    """
    The fair price of a perpetual, sent once a second whether or not anybody trades.

    Attributes:
        funding_rate: Rate of the coming funding as a fraction; None where there is none.
    """

    symbol: str
    price: float
    index_price: float
    funding_rate: float | None
    next_funding_ms: int
    event_time_ms: int


class MarkPrices(msgspec.Struct, frozen=True, gc=False):
    """The mark prices of all perpetuals in one frame (``!markPrice@arr@1s``)."""

    marks: tuple[MarkPrice, ...]
    event_time_ms: int


class AggTrade(msgspec.Struct, frozen=True, gc=False):
    """
    Trades of one taker order at one price.

    Attributes:
        trade_id: Aggregate id (``a``); increases by one from trade to trade of a symbol.
        taker_buys: Whether the taker bought (``m`` is false).
        trades: How many single trades it stands for.
    """

    symbol: str
    trade_id: int
    price: float
    quantity: float
    trades: int
    taker_buys: bool
    trade_time_ms: int
    event_time_ms: int


class BookTop(msgspec.Struct, frozen=True, gc=False):
    """
    Best bid and ask.

    Attributes:
        update_id: Of the order book; increases.
    """

    symbol: str
    update_id: int
    bid: float
    bid_quantity: float
    ask: float
    ask_quantity: float
    event_time_ms: int


class DepthUpdate(msgspec.Struct, frozen=True, gc=False):
    """
    Changed levels of the order book, quantities absolute.

    Attributes:
        first_id: ``U``, first update in this event.
        last_id: ``u``, last update in this event.
        previous_id: ``pu``, last update of the event before; the chain hangs on it.
    """

    symbol: str
    first_id: int
    last_id: int
    previous_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    event_time_ms: int


MarketEvent: TypeAlias = CandleUpdate | MarkPrice | MarkPrices | AggTrade | BookTop | DepthUpdate
