"""
The paper broker: what one closed 1m candle does to a trade. Pure.

It knows only open, high, low and close of a minute, so where the order of events
inside the minute matters it assumes the worse one: with stop and target both
inside a candle, the stop came first. Entries and stops are market orders and
slip against us; a target rests in the book as a limit order and does not slip,
though it pays the taker fee all the same.
"""

from dataclasses import replace

from core.model.candles import Candle
from core.model.intervals import Interval
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.costs import Costs

__all__ = ["Costs", "open_pnl", "walk"]


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
    match trade.status:
        case TradeStatus.PENDING if bar.open_time_ms >= trade.decided_ms:
            return _entered(replace(trade, last_bar_ms=bar.open_time_ms), bar, costs)
        case TradeStatus.PENDING:
            return replace(trade, last_bar_ms=bar.open_time_ms)
        case TradeStatus.OPEN:
            return _held(replace(trade, last_bar_ms=bar.open_time_ms), bar, costs)
        case _:
            return trade


def open_pnl(trade: Trade, price: float, costs: Costs) -> float:
    """
    What closing the trade now by a market order at ``price`` would leave, after all costs.

    0.0 unless the trade is open.
    """
    if trade.status is not TradeStatus.OPEN or trade.entry_price is None:
        return 0.0
    sign = trade.direction.sign
    exit_price = _market_price(price, -sign, costs)
    gross = sign * (exit_price - trade.entry_price) * trade.quantity
    return gross - trade.fees - exit_price * trade.quantity * costs.taker_fee


def _entered(trade: Trade, bar: Candle, costs: Costs) -> Trade:
    sign = trade.direction.sign
    price = _market_price(bar.open, sign, costs)
    if sign * (bar.open - trade.stop) <= 0.0:
        return _refused(trade, bar, ExitReason.BEYOND_STOP)
    if sign * (trade.target - price) <= 0.0:
        return _refused(trade, bar, ExitReason.BEYOND_TARGET)
    opened = replace(
        trade,
        status=TradeStatus.OPEN,
        entry_ms=bar.open_time_ms,
        entry_price=price,
        fees=price * trade.quantity * costs.taker_fee,
    )
    return _held(opened, bar, costs)


def _refused(trade: Trade, bar: Candle, reason: ExitReason) -> Trade:
    return replace(trade, status=TradeStatus.REFUSED, exit_reason=reason, exit_ms=bar.open_time_ms)


def _held(trade: Trade, bar: Candle, costs: Costs) -> Trade:
    """Close at the open if it gapped through a level, else at a level inside the candle."""
    sign = trade.direction.sign
    end_ms = Interval.M1.close_time_ms(bar.open_time_ms)
    worst, best = (bar.low, bar.high) if sign > 0 else (bar.high, bar.low)
    if sign * (bar.open - trade.stop) <= 0.0:
        exit_price = _market_price(bar.open, -sign, costs)
        return _closed(trade, exit_price, bar.open_time_ms, ExitReason.STOP, costs)
    if sign * (bar.open - trade.target) >= 0.0:
        return _closed(trade, bar.open, bar.open_time_ms, ExitReason.TARGET, costs)
    if sign * (worst - trade.stop) <= 0.0:
        exit_price = _market_price(trade.stop, -sign, costs)
        return _closed(trade, exit_price, end_ms, ExitReason.STOP, costs)
    if sign * (best - trade.target) >= 0.0:
        return _closed(trade, trade.target, end_ms, ExitReason.TARGET, costs)
    return trade


def _closed(
    trade: Trade, exit_price: float, exit_ms: int, reason: ExitReason, costs: Costs
) -> Trade:
    if trade.entry_price is None:
        raise ValueError(f"trade {trade.signal_id} is open without an entry price")
    fees = trade.fees + exit_price * trade.quantity * costs.taker_fee
    move = trade.direction.sign * (exit_price - trade.entry_price)
    pnl = move * trade.quantity - fees
    return replace(
        trade,
        status=TradeStatus.CLOSED,
        exit_ms=exit_ms,
        exit_price=exit_price,
        exit_reason=reason,
        fees=fees,
        pnl=pnl,
        r_multiple=pnl / (abs(trade.entry_price - trade.stop) * trade.quantity),
    )


def _market_price(price: float, side: int, costs: Costs) -> float:
    """Fill of a market order; ``side`` is +1 when buying, -1 when selling."""
    return price * (1.0 + side * costs.slippage)
