"""The model's types as rows, and back; nothing is lost on the way."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from core.model.intervals import MINUTE_MS, Interval
from core.model.regime import Regime, RegimeChange
from core.model.signal import (
    Decision,
    Direction,
    Outcome,
    RuleVerdict,
    Signal,
    SignalKey,
    Strength,
    Vote,
)
from core.model.telemetry import Reading
from core.model.trade import ExitReason, Trade, TradeStatus
from core.model.verdict import LlmCall

Values = dict[str, Any]


def utc_text(at_ms: int) -> str:
    """Write an instant as SQLite's own functions do: ``2026-11-21 03:30:00``."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def key_values(key: SignalKey) -> Values:
    """Return the columns that identify an evaluation."""
    return asdict(key) | {"interval": key.interval.value}


def signal_values(signal: Signal) -> Values:
    """Return a signal's columns, without the id and ``recorded_at``."""
    return key_values(signal.key) | {
        "created_at": utc_text(signal.decided_ms),
        "direction": signal.direction.value,
        "strength": signal.strength.value,
        "score": signal.score,
        "confidence": signal.confidence,
        "entry": signal.reference_price,
        "stop": signal.stop,
        "target": signal.target,
        "quantity": signal.quantity,
        "decided_ms": signal.decided_ms,
        "reasons": list(signal.reasons),
    }


def decision_values(decision: Decision, signal_id: int | None) -> Values:
    """Return a decision's columns, without the id and ``recorded_at``."""
    return (
        key_values(decision.key)
        | {
            "created_at": utc_text(decision.decided_ms),
            "outcome": decision.outcome.value,
            "reason": decision.reason,
            "closed_ms": decision.closed_ms,
            "decided_ms": decision.decided_ms,
            "close": decision.close,
            "features": None if decision.features is None else dict(decision.features),
            "missing": list(decision.missing),
            "analyst": decision.analyst,
            "signal_id": signal_id,
        }
        | ({} if decision.rules is None else _rule_values(decision.rules))
    )


def decision_of(row: Row[Any]) -> Decision:
    """Rebuild a decision from its row."""
    return Decision(
        key=SignalKey(row.symbol, Interval(row.interval), row.open_time_ms, row.strategy),
        outcome=Outcome(row.outcome),
        reason=row.reason,
        closed_ms=row.closed_ms,
        decided_ms=row.decided_ms,
        close=row.close,
        features=None if row.features is None else MappingProxyType(row.features),
        missing=tuple(row.missing),
        rules=None if row.rule_direction is None else _rules_of(row),
        analyst=row.analyst,
    )


def pending_trade(signal_id: int, signal: Signal) -> Trade:
    """Return the trade a signal begins as; every bar up to the evaluated one is behind it."""
    end_ms = signal.key.interval.close_time_ms(signal.key.open_time_ms) + 1
    return Trade(
        signal_id=signal_id,
        symbol=signal.key.symbol,
        direction=signal.direction,
        status=TradeStatus.PENDING,
        quantity=signal.quantity,
        decided_ms=signal.decided_ms,
        stop=signal.stop,
        target=signal.target,
        last_bar_ms=end_ms - MINUTE_MS,
    )


def trade_values(trade: Trade) -> Values:
    """Return a trade's columns."""
    return asdict(trade) | {
        "created_at": utc_text(trade.decided_ms),
        "direction": trade.direction.value,
        "status": trade.status.value,
        "exit_reason": None if trade.exit_reason is None else trade.exit_reason.value,
    }


def trade_of(row: Row[Any]) -> Trade:
    """Rebuild a trade from its row."""
    values = dict(row._mapping)
    del values["created_at"]
    return Trade(
        **values
        | {
            "direction": Direction(row.direction),
            "status": TradeStatus(row.status),
            "exit_reason": None if row.exit_reason is None else ExitReason(row.exit_reason),
        }
    )


def call_values(decision: Decision, call: LlmCall) -> Values:
    """Return the columns of a question that was asked for ``decision``."""
    return asdict(call) | {
        "created_at": utc_text(decision.decided_ms),
        "symbol": decision.key.symbol,
        "interval": decision.key.interval.value,
        "open_time_ms": decision.key.open_time_ms,
        "verdict": decision.analyst,
    }


def reading_values(reading: Reading) -> Values:
    """Return a reading's columns."""
    return asdict(reading) | {"created_at": utc_text(reading.at_ms)}


def regime_values(change: RegimeChange) -> Values:
    """Return the columns of a change of regime, without the id and ``recorded_at``."""
    return asdict(change) | {
        "created_at": utc_text(change.known_ms),
        "interval": change.interval.value,
        "regime": change.regime.value,
    }


def regime_of(row: Row[Any]) -> RegimeChange:
    """Rebuild a change of regime from its row."""
    return RegimeChange(
        symbol=row.symbol,
        interval=Interval(row.interval),
        regime=Regime(row.regime),
        open_time_ms=row.open_time_ms,
        known_ms=row.known_ms,
    )


def _rule_values(rules: RuleVerdict) -> Values:
    return {
        "score": rules.score,
        "rule_direction": rules.direction.value,
        "rule_strength": rules.strength.value,
        "rule_confidence": rules.confidence,
        "rule_stop": rules.stop,
        "rule_target": rules.target,
        "votes": [asdict(vote) for vote in rules.votes],
    }


def _rules_of(row: Row[Any]) -> RuleVerdict:
    votes: list[Mapping[str, Any]] = row.votes
    return RuleVerdict(
        direction=Direction(row.rule_direction),
        strength=Strength(row.rule_strength),
        score=row.score,
        confidence=row.rule_confidence,
        votes=tuple(Vote(**vote) for vote in votes),
        stop=row.rule_stop,
        target=row.rule_target,
    )
