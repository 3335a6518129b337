"""
What longs and shorts of a perpetual pay each other while a position is held. Pure.

A position pays at the instant ``s`` of a settlement when it was entered before ``s`` and had not
left by then. Fills at the open of a candle take place just after that instant: an entry there does
not pay, an exit there does.

Source:
    developers.binance.com, USD-M futures, ``GET /fapi/v1/fundingRate`` and
    ``/fapi/v1/fundingInfo``: every 1, 4 or 8 hours by symbol, always on a whole UTC hour. Which of
    them it is needs not be known, as the exchange tells of each settlement that took place.
"""

from collections.abc import Iterable
from dataclasses import replace

from core.model.funding import Settlement
from core.model.intervals import MINUTE_MS, Interval
from core.model.trade import Trade, TradeStatus
from core.trading.position_value import with_result

# A settlement that is not listed by then did not take place: the exchange takes seconds to minutes.
LISTED_WITHIN_MS = 10 * MINUTE_MS


def funding_due(trade: Trade, until_ms: int) -> bool:
    """Whether a whole hour went by, up to ``until_ms``, of which nothing is known yet."""
    begun_ms = funded_until_ms(trade)
    if begun_ms is None:
        return False
    return _whole_hour_ms(min(until_ms, _held_until_ms(trade))) > begun_ms


def funded_until_ms(trade: Trade) -> int | None:
    """Return up to when settlements are in ``trade.funding``; None where none ever can be."""
    if trade.status is TradeStatus.OPEN and trade.funding_ms is None:
        return trade.entry_ms
    return trade.funding_ms


def settled(trade: Trade, settlements: Iterable[Settlement], until_ms: int) -> Trade:
    """
    Pay, or receive, what is not in the trade yet.

    Of an open trade only up to the end of the last candle it has walked: what comes later may
    have closed it. The P&L of a closed trade follows.

    Args:
        trade: In any status; one that never entered stays as it is.
        settlements: Of the trade's symbol, in any order, all that are listed by ``until_ms`` since
            `funded_until_ms`; those already paid may be among them. One without a mark price
            counts at the price of the entry.
        until_ms: Market time when they were asked for.
    """
    begun_ms = funded_until_ms(trade)
    if begun_ms is None:
        return trade
    known_ms = min(until_ms, _held_until_ms(trade))
    funding, done_ms = trade.funding, begun_ms
    for settlement in sorted(settlements, key=lambda each: each.at_ms):
        # The exchange dates some a few milliseconds after the hour they belong to.
        at_ms = Interval.M1.open_time_ms(settlement.at_ms)
        if done_ms < at_ms <= known_ms:
            funding += _payment(trade, settlement)
            done_ms = at_ms
    done_ms = max(done_ms, _whole_hour_ms(min(until_ms - LISTED_WITHIN_MS, known_ms)))
    if done_ms == begun_ms:
        return trade
    paid = replace(trade, funding=funding, funding_ms=done_ms)
    return with_result(paid) if paid.status is TradeStatus.CLOSED else paid


def _payment(trade: Trade, settlement: Settlement) -> float:
    price = settlement.mark_price or trade.entry_price or 0.0
    return trade.direction.sign * trade.quantity * price * settlement.rate


def _held_until_ms(trade: Trade) -> int:
    """Return the last instant at which the position is known to have been there."""
    return trade.last_bar_ms + MINUTE_MS if trade.exit_ms is None else trade.exit_ms


def _whole_hour_ms(at_ms: int) -> int:
    return Interval.H1.open_time_ms(at_ms)
