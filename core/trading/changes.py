"""
What a person does to a trade that is pending or open. Pure.

Whatever is asked takes effect at the open of the next 1m candle. A stop that was moved inside a
minute must not be hit by what that minute had already printed.
"""

from dataclasses import replace
from decimal import Decimal

from core.model.intervals import MINUTE_MS, Interval
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.exits import called
from core.trading.sizing import decimal


def withdrawable(trade: Trade, at_ms: int) -> bool:
    """Whether a pending trade has not reached the open at which it enters."""
    return trade.status is TradeStatus.PENDING and at_ms < _next_open_ms(trade.decided_ms)


def close_by_hand(trade: Trade, at_ms: int) -> Trade:
    """
    Withdraw a pending trade, or have it closed at the first open from ``at_ms`` on.

    One that is over, or is being closed already, stays as it is.
    """
    if withdrawable(trade, at_ms):
        return replace(
            trade,
            status=TradeStatus.REFUSED,
            exit_reason=ExitReason.BY_HAND,
            exit_ms=max(at_ms, trade.decided_ms),
        )
    if trade.status in {TradeStatus.PENDING, TradeStatus.OPEN}:
        return called(trade, ExitReason.BY_HAND, at_ms)
    return trade


def split(trade: Trade, quantity: Decimal) -> tuple[Trade, Trade]:
    """
    Split an open trade: what stays, and a part of ``quantity`` that is to be its own row.

    Quantities add up as decimals; fees and funding so far are shared in proportion and add up
    exactly, to the last bit.

    Raises:
        ValueError: If the trade is not open, or ``quantity`` does not leave something of it.
    """
    whole = decimal(trade.quantity)
    if trade.status is not TradeStatus.OPEN or not 0 < quantity < whole:
        raise ValueError(f"{quantity} of trade {trade.id} ({trade.status}, {whole})")
    share = float(quantity / whole)
    fees, part_fees = _shared(trade.fees, share)
    funding, part_funding = _shared(trade.funding, share)
    stays = replace(trade, quantity=float(whole - quantity), fees=fees, funding=funding)
    part = replace(
        trade,
        id=0,
        part_of=trade.id,
        signal_id=None,  # one row of a signal has one trade
        quantity=float(quantity),
        fees=part_fees,
        funding=part_funding,
    )
    return stays, part


def moved(trade: Trade, stop: float | None, target: float | None, at_ms: int) -> Trade:
    """
    Move levels of a trade from the first open from ``at_ms`` on; None leaves one where it is.

    Raises:
        ValueError: If an earlier move belongs to another minute and has not taken effect yet.
    """
    if not movable(trade, at_ms):
        raise ValueError(f"trade {trade.id} has a move of {trade.moved_ms}")
    before_stop = trade.stop if trade.moved_stop is None else trade.moved_stop
    before_target = trade.target if trade.moved_target is None else trade.moved_target
    return replace(
        trade,
        moved_ms=at_ms,
        moved_stop=before_stop if stop is None else stop,
        moved_target=before_target if target is None else target,
    )


def movable(trade: Trade, at_ms: int) -> bool:
    """Whether no earlier move waits for the walk of a minute that is over."""
    return trade.moved_ms is None or _next_open_ms(trade.moved_ms) == _next_open_ms(at_ms)


def with_moved_levels(trade: Trade, open_ms: int) -> Trade:
    """Return the trade as it stands at the open of a candle, levels moved by then included."""
    if trade.moved_ms is None or open_ms < trade.moved_ms:
        return trade
    stop = trade.stop if trade.moved_stop is None else trade.moved_stop
    risked_from = trade.entry_stop
    if trade.status is TradeStatus.OPEN and risked_from is None and stop != trade.stop:
        risked_from = trade.stop
    return replace(
        trade,
        stop=stop,
        target=trade.target if trade.moved_target is None else trade.moved_target,
        entry_stop=risked_from,
        moved_ms=None,
        moved_stop=None,
        moved_target=None,
    )


def _next_open_ms(at_ms: int) -> int:
    """Return the first open of a minute at or after an instant."""
    return Interval.M1.open_time_ms(at_ms + MINUTE_MS - 1)


def _shared(whole: float, share: float) -> tuple[float, float]:
    # One of the two differences is exact (Sterbenz), so the parts add up to the whole.
    stays = whole - whole * share
    return stays, whole - stays
