"""Trades and the account's worth as rows, and back."""

from typing import Any

from sqlalchemy import Row

from core.journal.records import Values, condition_values, conditions_of, utc_text
from core.journal.shallow import row_maker
from core.model.equity import EquityPoint
from core.model.intervals import MINUTE_MS
from core.model.signal import Direction, Signal
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus

# Columns that say which evaluation a trade came from; a trade itself does not carry them.
FIXED = ("created_at", "interval", "open_time_ms", "strategy")

_trade_row = row_maker(Trade)
_equity_row = row_maker(EquityPoint)


def pending_trade(trade_id: int, signal: Signal, signal_id: int | None = None) -> Trade:
    """
    Return the trade a signal begins as; every bar up to the evaluated one is behind it.

    Args:
        trade_id: Row of the trade.
        signal: Of any source.
        signal_id: Row of the signal; None for a shadow's, which has none.
    """
    end_ms = signal.key.interval.close_time_ms(signal.key.open_time_ms) + 1
    return Trade(
        id=trade_id,
        symbol=signal.key.symbol,
        direction=signal.direction,
        status=TradeStatus.PENDING,
        quantity=signal.quantity,
        decided_ms=signal.decided_ms,
        stop=signal.stop,
        target=signal.target,
        last_bar_ms=end_ms - MINUTE_MS,
        source=signal.source,
        signal_id=signal_id,
        confidence=signal.confidence,
        invalidation=signal.invalidation,
        expires_ms=signal.expires_ms,
    )


def trade_values(trade: Trade) -> Values:
    """Return a trade's columns, without those of its evaluation's key."""
    return _trade_row(trade) | {
        "created_at": utc_text(trade.decided_ms),
        "source": trade.source.value,
        "direction": trade.direction.value,
        "status": trade.status.value,
        "invalidation": condition_values(trade.invalidation),
        "close_reason": None if trade.close_reason is None else trade.close_reason.value,
        "exit_reason": None if trade.exit_reason is None else trade.exit_reason.value,
    }


def trade_of(row: Row[Any]) -> Trade:
    """Rebuild a trade from its row."""
    values = dict(row._mapping)
    for name in FIXED:
        del values[name]
    return Trade(
        **values
        | {
            "source": Source(row.source),
            "direction": Direction(row.direction),
            "status": TradeStatus(row.status),
            "invalidation": conditions_of(row.invalidation),
            "close_reason": None if row.close_reason is None else ExitReason(row.close_reason),
            "exit_reason": None if row.exit_reason is None else ExitReason(row.exit_reason),
        }
    )


def equity_values(point: EquityPoint) -> Values:
    """Return the columns of the account's worth at an instant."""
    return _equity_row(point) | {"source": point.source.value}


def equity_of(row: Row[Any]) -> EquityPoint:
    """Rebuild the account's worth from its row."""
    return EquityPoint(**dict(row._mapping) | {"source": Source(row.source)})
