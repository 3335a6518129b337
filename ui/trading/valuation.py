"""What trades are worth, by the engine's own arithmetic, as a browser is told it. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.model.instrument import Instrument
from core.model.source import BY_PEOPLE, SOURCE_WORDS
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.costs import Costs
from core.trading.position_value import market_price, with_result
from ui.figures.numbers import decimals_of

_REASONS = {
    ExitReason.STOP: "stop",
    ExitReason.TARGET: "target",
    ExitReason.OPPOSITE: "opposite signal",
    ExitReason.INVALIDATED: "condition met",
    ExitReason.EXPIRED: "time was up",
    ExitReason.ANALYST: "the analyst's close",
    ExitReason.BEYOND_STOP: "never entered: price beyond the stop",
    ExitReason.BEYOND_TARGET: "never entered: price beyond the target",
    ExitReason.RAN_AWAY: "never entered: price ran away",
    ExitReason.BY_HAND: "by hand",
}
_SECOND_MS, _MINUTE_MS, _HOUR_MS, _DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000


def result_at(trade: Trade, price: float, costs: Costs, *, rests: bool = False) -> Trade:
    """
    Return an open trade as if it had been closed.

    Args:
        trade: Open.
        price: At which somebody would take the other side.
        costs: Of the fill.
        rests: Whether a limit order waits there, as at the target: no slippage, and maker fee.

    Raises:
        ValueError: If the trade has not entered.
    """
    left = price if rests else market_price(price, -trade.direction.sign, costs)
    fee = costs.target_fee if rests else costs.taker_fee
    fees = trade.fees + left * trade.quantity * fee
    return with_result(replace(trade, exit_price=left, fees=fees))


def held_row(
    trade: Trade, price: float | None, now_ms: int, instrument: Instrument | None, costs: Costs
) -> dict[str, Any]:
    """
    Return a pending or open trade as the page lists it and draws its lines.

    Args:
        trade: Pending or open.
        price: Newest of its symbol; None where it is not known.
        now_ms: Market time.
        instrument: Trading rules; None before they are known.
        costs: Of each fill.
    """
    stop = trade.stop if trade.moved_stop is None else trade.moved_stop
    target = trade.target if trade.moved_target is None else trade.moved_target
    is_open = trade.status is TradeStatus.OPEN and trade.entry_price is not None
    now = result_at(trade, price, costs) if is_open and price is not None else None
    is_closing = trade.close_ms is not None
    return {
        "id": trade.id,
        "source": trade.source.value,
        "whose": SOURCE_WORDS[trade.source],
        "symbol": trade.symbol,
        "direction": trade.direction.value,
        "status": "closing" if is_closing else trade.status.value,
        "quantity": trade.quantity,
        "entry": trade.entry_price,
        "last": price,
        "stop": stop,
        "target": target,
        "is_moving": trade.moved_ms is not None,
        "pnl": now.pnl if now is not None else None,
        "r": now.r_multiple if now is not None else None,
        "at_stop": result_at(trade, stop, costs).pnl if is_open else None,
        "at_target": result_at(trade, target, costs, rests=True).pnl if is_open else None,
        "age": age(now_ms - (trade.entry_ms or trade.decided_ms)),
        "funding": trade.funding,
        "fees": trade.fees,
        "is_mine": trade.source in BY_PEOPLE and not is_closing,
        "decimals": decimals_of(instrument, trade.stop),
        "tick": float(instrument.tick_size) if instrument is not None else None,
    }


def closed_row(trade: Trade, instrument: Instrument | None) -> dict[str, Any]:
    """Return a trade that is over as a row of the grid; formatting is the browser's."""
    entered = trade.entry_ms if trade.entry_ms is not None else trade.decided_ms
    withdrawn = trade.status is TradeStatus.REFUSED and trade.exit_reason is ExitReason.BY_HAND
    reason = "" if trade.exit_reason is None else _REASONS[trade.exit_reason]
    return {
        "id": str(trade.id),
        "source": trade.source.value,
        "whose": SOURCE_WORDS[trade.source],
        "symbol": trade.symbol,
        "direction": trade.direction.value,
        "quantity": trade.quantity,
        "entry": trade.entry_price,
        "exit": trade.exit_price,
        "entry_ms": entered,
        "exit_ms": trade.exit_ms,
        "held": age((trade.exit_ms or entered) - entered),
        "reason": "withdrawn before it entered" if withdrawn else reason,
        "pnl": trade.pnl,
        "r": trade.r_multiple,
        "fees": trade.fees,
        "funding": trade.funding,
        "decimals": decimals_of(instrument, trade.stop),
    }


def sums(trades: Iterable[Trade]) -> dict[str, Any]:
    """Return what finished trades came to together; those that never entered do not count."""
    closed = [trade for trade in trades if trade.status is TradeStatus.CLOSED]
    return {
        "count": len(closed),
        "won": sum(trade.pnl is not None and trade.pnl > 0.0 for trade in closed),
        "pnl": sum(trade.pnl or 0.0 for trade in closed),
        "r": sum(trade.r_multiple or 0.0 for trade in closed),
        "fees": sum(trade.fees for trade in closed),
        "funding": sum(trade.funding for trade in closed),
    }


def age(ms: int) -> str:
    """Return how long something lasts, in the two units that matter."""
    ms = max(ms, 0)
    if ms < _MINUTE_MS:
        return f"{ms // _SECOND_MS} s"
    if ms < _HOUR_MS:
        return f"{ms // _MINUTE_MS} min"
    if ms < _DAY_MS:
        return f"{ms // _HOUR_MS} h {ms % _HOUR_MS // _MINUTE_MS:02d} min"
    return f"{ms // _DAY_MS} d {ms % _DAY_MS // _HOUR_MS:02d} h"
