"""
The paper broker: what one closed 1m candle does to a trade. Pure.

It knows only open, high, low and close of a minute, so where the order of events
inside the minute matters it assumes the worse one: with stop and target both
inside a candle, the stop came first. Entries, stops and exits that were asked for
are market orders: they slip against us and pay the taker fee. A target rests in
the book as a limit order: it does not slip and pays the maker fee.

Only a price beyond stop or target, or far on its way to the target, keeps a pending
trade from entering. Whoever asks for its close before that gets it at the first open
after the candle of the entry.
"""

from dataclasses import replace

from core.model.candles import Candle
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.changes import with_moved_levels
from core.trading.costs import Costs
from core.trading.exits import Fill, called, exit_at_open, exit_inside, judged
from core.trading.position_value import market_price, open_pnl, with_result

__all__ = ["Costs", "call_close", "open_pnl", "walk"]

LEAST_REWARD_RISK = 0.5
"""
Of a fill, before costs: a price that ran away until less than this is left is not followed.

The size was reckoned for the price of the decision. With a target 2.5 stops away a fill just
inside risks 2.3 times what was meant; without the bound it could be any multiple.
"""


def walk(trade: Trade, bar: Candle, costs: Costs) -> Trade:
    """
    Move a trade over one closed 1m candle.

    A candle at or before ``trade.last_bar_ms`` changes nothing, so that walking the
    same history again after a restart gives the same trade.

    Args:
        trade: In any status; a closed or refused one stays as it is.
        bar: The next closed 1m candle.
        costs: Of each fill.
    """
    if bar.open_time_ms <= trade.last_bar_ms:
        return trade
    if trade.moved_ms is not None:
        trade = with_moved_levels(trade, bar.open_time_ms)
    match trade.status:
        case TradeStatus.PENDING if bar.open_time_ms >= trade.decided_ms:
            return _entered(replace(trade, last_bar_ms=bar.open_time_ms), bar, costs)
        case TradeStatus.PENDING:
            return replace(trade, last_bar_ms=bar.open_time_ms)
        case TradeStatus.OPEN:
            seen = replace(trade, last_bar_ms=bar.open_time_ms)
            left = exit_at_open(seen, bar, costs)
            return _held(seen, bar, costs) if left is None else _closed(seen, left)
        case _:
            return trade


def call_close(trade: Trade, reason: ExitReason, at_ms: int) -> Trade:
    """
    Ask for a pending or open trade to be closed at the first open from ``at_ms`` on.

    Of several calls the earliest stands; a trade that is over stays as it is.
    """
    if trade.status in {TradeStatus.PENDING, TradeStatus.OPEN}:
        return called(trade, reason, at_ms)
    return trade


def _entered(trade: Trade, bar: Candle, costs: Costs) -> Trade:
    sign = trade.direction.sign
    price = market_price(bar.open, sign, costs)
    if sign * (bar.open - trade.stop) <= 0.0:
        return _refused(trade, bar, ExitReason.BEYOND_STOP)
    if sign * (trade.target - price) <= 0.0:
        return _refused(trade, bar, ExitReason.BEYOND_TARGET)
    if sign * (trade.target - price) < LEAST_REWARD_RISK * sign * (price - trade.stop):
        return _refused(trade, bar, ExitReason.RAN_AWAY)
    opened = replace(
        trade,
        status=TradeStatus.OPEN,
        entry_ms=bar.open_time_ms,
        entry_price=price,
        fees=price * trade.quantity * costs.taker_fee,
        funding_ms=bar.open_time_ms,
    )
    return _held(opened, bar, costs)


def _refused(trade: Trade, bar: Candle, reason: ExitReason) -> Trade:
    return replace(trade, status=TradeStatus.REFUSED, exit_reason=reason, exit_ms=bar.open_time_ms)


def _held(trade: Trade, bar: Candle, costs: Costs) -> Trade:
    """Live through the rest of a candle whose open has left the position standing."""
    left = exit_inside(trade, bar, costs)
    return judged(trade, bar) if left is None else _closed(trade, left)


def _closed(trade: Trade, left: Fill) -> Trade:
    return with_result(
        replace(
            trade,
            status=TradeStatus.CLOSED,
            exit_ms=left.at_ms,
            exit_price=left.price,
            exit_reason=left.reason,
            fees=trade.fees + left.price * trade.quantity * left.fee,
            # None where an older version of the program made the entry.
            funding_ms=trade.entry_ms if trade.funding_ms is None else trade.funding_ms,
        )
    )
