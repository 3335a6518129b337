"""Events of one symbol with only the numbers that matter, and a REST that answers from a script."""

from core.data.market_events import AggTrade, BookTop, DepthUpdate, Level
from core.data.orderflow.depth_snapshot import DepthSnapshot
from tests.builders import START_MS


def trade(
    trade_id: int,
    at_ms: int,
    *,
    price: float = 100.0,
    quantity: float = 1.0,
    buys: bool = True,
    trades: int = 1,
    symbol: str = "BTCUSDT",
) -> AggTrade:
    at_ms += START_MS
    return AggTrade(symbol, trade_id, price, quantity, trades, buys, at_ms, at_ms + 5)


def top(
    update_id: int,
    at_ms: int,
    bid_quantity: float = 1.0,
    ask_quantity: float = 1.0,
    *,
    bid: float = 99.0,
    ask: float = 101.0,
    symbol: str = "BTCUSDT",
) -> BookTop:
    return BookTop(symbol, update_id, bid, bid_quantity, ask, ask_quantity, START_MS + at_ms)


def depth(
    previous_id: int,
    last_id: int,
    bids: tuple[Level, ...] = (),
    asks: tuple[Level, ...] = (),
    *,
    at_ms: int | None = None,
    symbol: str = "BTCUSDT",
) -> DepthUpdate:
    at_ms = last_id if at_ms is None else at_ms
    return DepthUpdate(symbol, previous_id + 1, last_id, previous_id, bids, asks, START_MS + at_ms)


def snapshot(
    last_id: int,
    bids: tuple[Level, ...] = ((99.0, 1.0), (98.0, 2.0)),
    asks: tuple[Level, ...] = ((101.0, 1.0), (102.0, 2.0)),
    *,
    limit: int = 1000,
) -> DepthSnapshot:
    return DepthSnapshot(last_id, bids, asks, START_MS + last_id, limit)
