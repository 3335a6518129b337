"""What a position is worth, and what it left. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.model.trade import Trade, TradeStatus
from core.trading.account import Position
from core.trading.costs import Costs


def market_price(price: float, side: int, costs: Costs) -> float:
    """Return the fill of a market order; ``side`` is +1 when buying, -1 when selling."""
    return price * (1.0 + side * costs.slippage)


def open_pnl(trade: Trade, price: float, costs: Costs) -> float:
    """
    Return what closing the trade now by a market order at ``price`` would leave, after all costs.

    0.0 unless the trade is open.
    """
    if trade.status is not TradeStatus.OPEN or trade.entry_price is None:
        return 0.0
    sign = trade.direction.sign
    exit_price = market_price(price, -sign, costs)
    gross = sign * (exit_price - trade.entry_price) * trade.quantity
    exit_fee = exit_price * trade.quantity * costs.taker_fee
    return gross - trade.fees - trade.funding - exit_fee


def positions_of(worth: Iterable[tuple[Trade, float]], costs: Costs) -> Mapping[str, Position]:
    """Return an account's pending and open trades, each with its price, as positions by symbol."""
    held: dict[str, Position] = {}
    for trade, price in worth:
        position = Position(
            direction=trade.direction,
            entry_price=trade.entry_price,
            stop=trade.stop,
            target=trade.target,
            notional=trade.quantity * price,
            pnl=open_pnl(trade, price, costs),
        )
        # A part that is on its way out belongs to the position it was split off from.
        whole = held.get(trade.symbol)
        held[trade.symbol] = position if whole is None else whole.with_part(position)
    return held


def with_result(trade: Trade) -> Trade:
    """
    Return a closed trade with the P&L and R multiple that its fills, fees and funding make.

    They are always computed from these, never added to, so that it does not matter whether
    funding became known before the exit or after it.

    Raises:
        ValueError: If the trade has no entry or no exit.
    """
    if trade.entry_price is None or trade.exit_price is None:
        raise ValueError(f"trade {trade.id} has no result: it never entered or never left")
    move = trade.direction.sign * (trade.exit_price - trade.entry_price)
    pnl = move * trade.quantity - trade.fees - trade.funding
    stop = trade.stop if trade.entry_stop is None else trade.entry_stop
    risked = abs(trade.entry_price - stop) * trade.quantity
    return replace(trade, pnl=pnl, r_multiple=pnl / risked)
