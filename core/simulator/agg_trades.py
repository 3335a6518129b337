"""Aggregate trades, read from the seconds of a market."""

from dataclasses import dataclass

import numpy as np

from core.simulator.bars import TRADES_PER_DAY
from core.simulator.market import Market
from core.simulator.seconds import DAY_MS, SECOND_MS, IntArray, Seconds

# Ids count up within a day from a base of its own; a day has at most 172,800 of them.
AGG_TRADES_PER_DAY = 1_000_000


@dataclass(frozen=True, slots=True)
class AggTrade:
    """
    Fills of one taker order; price and quantity in the units of the listing.

    Attributes:
        buyer_maker: True when the taker sold.
    """

    id: int
    price: int
    quantity: int
    first_trade: int
    last_trade: int
    time_ms: int
    buyer_maker: bool


def trades_between(
    market: Market, symbol: str, start_ms: int, end_ms: int, *, limit: int
) -> list[AggTrade]:
    """Return the oldest ``limit`` aggregate trades with a time in ``[start_ms, end_ms]``."""
    span, found = market.span(symbol), list[AggTrade]()
    start_ms, end_ms = max(start_ms, span.first_ms), min(end_ms, span.end_ms - 1)
    day = start_ms // DAY_MS
    while day * DAY_MS <= end_ms and len(found) < limit:
        start = max(0, -(-(start_ms - day * DAY_MS) // SECOND_MS))
        stop = min(DAY_MS, end_ms - day * DAY_MS + 1)
        stop = -(-stop // SECOND_MS)
        found += _of_seconds(market.seconds(symbol, day), day, start, stop, limit - len(found))
        day += 1
    return found


def trades_before(market: Market, symbol: str, now_ms: int, *, limit: int) -> list[AggTrade]:
    """Return the newest ``limit`` aggregate trades up to ``now_ms``, oldest first."""
    reach_ms, span = limit * SECOND_MS, market.span(symbol)
    now_ms = min(now_ms, span.end_ms - 1)
    while True:
        start_ms = max(now_ms - reach_ms, span.first_ms)
        found = trades_between(market, symbol, start_ms, now_ms, limit=3 * reach_ms)
        if len(found) >= limit or start_ms == span.first_ms or reach_ms > DAY_MS:
            return found[-limit:]
        reach_ms *= 4


def trades_from(
    market: Market, symbol: str, first_id: int, now_ms: int, *, limit: int
) -> list[AggTrade]:
    """Return aggregate trades with ids from ``first_id`` on."""
    span = market.span(symbol)
    day = min(max(first_id // AGG_TRADES_PER_DAY, span.first_ms // DAY_MS), now_ms // DAY_MS)
    number = _number(market.seconds(symbol, day))
    second = int(np.searchsorted(number, first_id - day * AGG_TRADES_PER_DAY, side="right"))
    start_ms = day * DAY_MS + max(second - 1, 0) * SECOND_MS
    found = trades_between(market, symbol, start_ms, now_ms, limit=limit + 2)
    return [trade for trade in found if trade.id >= first_id][:limit]


def _number(seconds: Seconds) -> IntArray:
    """How many aggregate trades of the day precede each second."""
    sides = (seconds.buy > 0).astype(np.int64) + (seconds.sell > 0)
    return np.cumsum(sides) - sides


def _of_seconds(seconds: Seconds, day: int, start: int, stop: int, limit: int) -> list[AggTrade]:
    agg = int(((seconds.buy[:start] > 0).sum()) + (seconds.sell[:start] > 0).sum())
    agg += day * AGG_TRADES_PER_DAY
    first = day * TRADES_PER_DAY + int(seconds.trades[:start].sum())
    found: list[AggTrade] = []
    rows = zip(
        seconds.price[start:stop].tolist(),
        seconds.buy[start:stop].tolist(),
        seconds.sell[start:stop].tolist(),
        seconds.trades[start:stop].tolist(),
        strict=True,
    )
    for second, (price, buy, sell, trades) in enumerate(rows, start):
        time_ms = day * DAY_MS + second * SECOND_MS
        bought = _bought(trades, buy, sell)
        for quantity, count, maker in ((buy, bought, False), (sell, trades - bought, True)):
            if quantity:
                last = first + max(count, 1) - 1
                found.append(AggTrade(agg, price, quantity, first, last, time_ms, maker))
                agg += 1
            first += count
        if len(found) >= limit:
            break
    return found[:limit]


def _bought(trades: int, buy: int, sell: int) -> int:
    """How many of a second's trades were buys, at least one for each side that traded."""
    if not sell:
        return trades
    if not buy:
        return 0
    return min(max(trades * buy // (buy + sell), 1), max(trades - 1, 0))
