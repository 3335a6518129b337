"""Questions to the model and what people talked about with it, as rows, and back."""

from typing import Any

from sqlalchemy import Row

from core.journal.records import Values, utc_text
from core.journal.shallow import row_maker
from core.model.chat import ChatMessage, ChatRole
from core.model.intervals import Interval
from core.model.verdict import Check, LlmCall, Purpose

_call_row = row_maker(LlmCall)
_check_row = row_maker(Check)
_message_row = row_maker(ChatMessage)


def call_values(
    call: LlmCall,
    *,
    at_ms: int,
    symbol: str | None,
    interval: Interval | None,
    open_time_ms: int | None = None,
) -> Values:
    """
    Return the columns of one attempt, without the id and ``recorded_at``.

    Args:
        call: What was asked and answered.
        at_ms: Feed time that it belongs to.
        symbol: The market that was meant; None for no market.
        interval: Of the market.
        open_time_ms: The bar that was decided on; None for no decision.
    """
    return _call_row(call) | {
        "created_at": utc_text(at_ms),
        "purpose": call.purpose.value,
        "checks": [_check_row(check) for check in call.checks],
        "symbol": symbol,
        "interval": None if interval is None else interval.value,
        "open_time_ms": open_time_ms,
    }


def call_of(row: Row[Any]) -> LlmCall:
    """Rebuild an attempt from its row."""
    values = dict(row._mapping)
    for name in ("id", "created_at", "recorded_at", "symbol", "interval", "open_time_ms"):
        del values[name]
    checks = tuple(Check(**check) for check in row.checks)
    return LlmCall(**values | {"purpose": Purpose(row.purpose), "checks": checks})


def message_values(message: ChatMessage) -> Values:
    """Return a message's columns, without the id and ``recorded_at``."""
    return _message_row(message) | {
        "created_at": utc_text(message.at_ms),
        "role": message.role.value,
        "interval": None if message.interval is None else message.interval.value,
    }


def message_of(row: Row[Any]) -> ChatMessage:
    """Rebuild a message from its row."""
    return ChatMessage(
        role=ChatRole(row.role),
        text=row.text,
        at_ms=row.at_ms,
        symbol=row.symbol,
        interval=None if row.interval is None else Interval(row.interval),
        complete=row.complete,
        error=row.error,
        prompt_sha256=row.prompt_sha256,
    )
