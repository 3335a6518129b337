"""
The events of the market streams besides klines: Binance's payloads to our types.

Source:
    developers.binance.com, USD-M futures, websocket market streams.
"""

import math

import msgspec

from core.data.errors import MalformedMessageError
from core.data.klines import LATEST_MS, Flag, Kline, Whole, checked_time
from core.data.market_events import (
    AggTrade,
    BookTop,
    DepthUpdate,
    Level,
    MarkPrice,
    MarkPrices,
)

# Ids are 64-bit at the exchange.
_MOST = 2**63 - 1
# Of one taker order; far above what a day has.
_MOST_TRADES = 10**9
# ``st`` of the symbols margined in coins, which the array streams carry too.
_COIN_MARGINED = 2


class KlineEvent(msgspec.Struct, tag_field="e", tag="kline", gc=False):
    """A candle in progress, or closed."""

    E: Whole
    k: Kline


class MarkPriceEvent(msgspec.Struct, tag_field="e", tag="markPriceUpdate", gc=False):
    """The mark price of one symbol; on delivery contracts ``r`` is empty."""

    E: Whole
    s: str
    p: float
    i: str = ""
    r: str = ""
    T: Whole = 0
    st: Whole = 1


class AggTradeEvent(msgspec.Struct, tag_field="e", tag="aggTrade", gc=False):
    """Trades of one taker order; ``m`` means that the buyer was the maker."""

    E: Whole
    a: Whole
    s: str
    p: float
    q: float
    f: Whole
    l: Whole  # noqa: E741 - Binance's name
    T: Whole
    m: Flag


class BookTickerEvent(msgspec.Struct, tag_field="e", tag="bookTicker", gc=False):
    """Best bid and ask; a side without orders is 0."""

    E: Whole
    u: Whole
    s: str
    b: float
    B: float
    a: float
    A: float


class DepthEvent(msgspec.Struct, tag_field="e", tag="depthUpdate"):
    """Changed levels, or on ``@depth<n>`` streams the best ones."""

    E: Whole
    s: str
    U: Whole
    u: Whole
    pu: Whole
    b: tuple[Level, ...]
    a: tuple[Level, ...]


def mark_price(event: MarkPriceEvent) -> MarkPrice:
    """Check a mark price; raises `MalformedMessageError`."""
    price, next_ms = event.p, event.T
    if not 0.0 < price < math.inf:
        raise MalformedMessageError("number", f"mark price {price} of {event.s[:40]!r}")
    if not (isinstance(next_ms, int) and 0 <= next_ms < LATEST_MS):
        raise MalformedMessageError("time", f"next funding at {next_ms!r:.40}")
    index = _number(event.i) if event.i else price
    return MarkPrice(
        event.s,
        price,
        index if index > 0.0 else price,
        _number(event.r) if event.r else None,
        next_ms,
        checked_time(event.E),
    )


def mark_prices(events: list[MarkPriceEvent]) -> MarkPrices | None:
    """
    Check the mark prices of all symbols, and leave out those margined in coins.

    Symbols that are listed but have no price yet (0) are left out as well. None when nothing
    is left: that is no sign of life.

    Raises:
        MalformedMessageError: If any of them is malformed.
    """
    marks = tuple(mark_price(event) for event in events if event.st != _COIN_MARGINED and event.p)
    return MarkPrices(marks, max(mark.event_time_ms for mark in marks)) if marks else None


def agg_trade(event: AggTradeEvent) -> AggTrade:
    """Check an aggregate trade; raises `MalformedMessageError`."""
    price, quantity, by_maker = event.p, event.q, event.m
    if not isinstance(by_maker, bool):
        raise MalformedMessageError("shape", f"m={by_maker!r:.40}")
    if not (0.0 < price < math.inf and 0.0 < quantity < math.inf):
        raise MalformedMessageError("number", f"{quantity} traded at {price}")
    first, last, trade_id, at_ms = event.f, event.l, event.a, event.T
    if not (
        isinstance(first, int)
        and isinstance(last, int)
        and isinstance(trade_id, int)
        and isinstance(at_ms, int)
    ):
        raise MalformedMessageError("shape", f"{trade_id!r:.40} {first!r:.40} {last!r:.40}")
    if not (0 <= first <= last < first + _MOST_TRADES <= _MOST and 0 <= trade_id <= _MOST):
        raise MalformedMessageError("id", f"trades {first} to {last} as {trade_id}")
    told_ms = checked_time(event.E)
    if not 0 < at_ms < LATEST_MS:
        raise MalformedMessageError("time", f"a trade at {at_ms}")
    return AggTrade(
        event.s, trade_id, price, quantity, last - first + 1, not by_maker, at_ms, told_ms
    )


def book_top(event: BookTickerEvent) -> BookTop:
    """Check a best bid and ask; raises `MalformedMessageError`."""
    bid, bids, ask, asks = event.b, event.B, event.a, event.A
    if not (
        0.0 <= bid < math.inf
        and 0.0 <= ask < math.inf
        and 0.0 <= bids < math.inf
        and 0.0 <= asks < math.inf
    ):
        raise MalformedMessageError("number", f"bid {bid} of {bids} and ask {ask} of {asks}")
    if bid >= ask > 0.0:
        raise MalformedMessageError("book", f"bid {bid} is not below ask {ask}")
    return BookTop(event.s, _checked_id(event.u), bid, bids, ask, asks, checked_time(event.E))


def depth_update(event: DepthEvent) -> DepthUpdate:
    """Check changed levels of a book; raises `MalformedMessageError`."""
    first, last, previous = _checked_id(event.U), _checked_id(event.u), _checked_id(event.pu)
    if not (first <= last and previous <= last):
        raise MalformedMessageError("id", f"updates {first} to {last} after {previous}")
    for side in (event.b, event.a):
        for price, quantity in side:
            if not (0.0 < price < math.inf and 0.0 <= quantity < math.inf):
                raise MalformedMessageError("number", f"level of {quantity} at {price}")
    return DepthUpdate(event.s, first, last, previous, event.b, event.a, checked_time(event.E))


def _checked_id(value: Whole) -> int:
    """Return what can be an id of the exchange; raises `MalformedMessageError`."""
    if not isinstance(value, int):
        raise MalformedMessageError("shape", f"{value!r:.40} is not an integer")
    if not 0 <= value <= _MOST:
        raise MalformedMessageError("id", f"{value} is not an id")
    return value


def _number(text: str) -> float:
    """Parse a number that may be absent, and therefore stayed text."""
    try:
        value = float(text)
    except ValueError:
        raise MalformedMessageError("number", f"{text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise MalformedMessageError("number", f"{text[:40]!r} is not finite")
    return value
