"""Decisions, signals, readings and regimes as rows, and back; nothing is lost on the way."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row

from core.journal.shallow import row_maker
from core.model.condition import Condition, Side
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.signal import (
    Decision,
    Direction,
    Layer,
    Outcome,
    RuleVerdict,
    Signal,
    SignalKey,
    Strength,
    Vote,
)
from core.model.source import Source
from core.model.telemetry import Reading

Values = dict[str, Any]

_key_row = row_maker(SignalKey)
_reading_row = row_maker(Reading)
_regime_row = row_maker(RegimeChange)
_vote_row = row_maker(Vote)


def utc_text(at_ms: int) -> str:
    """Write an instant as SQLite's own functions do: ``2026-11-21 03:30:00``."""
    return _text_of_second(at_ms // 1000)


# The rows of one bar are many, and of one or two seconds.
@lru_cache(maxsize=64)
def _text_of_second(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def condition_values(conditions: Iterable[Condition]) -> list[Values]:
    """Return conditions for a JSON column; as numbers, for their text rounds the price."""
    return [
        {"side": one.side.value, "price": one.price, "interval": one.interval.value}
        for one in conditions
    ]


def conditions_of(kept: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Rebuild conditions from a JSON column."""
    return tuple(
        Condition(Side(one["side"]), one["price"], Interval(one["interval"])) for one in kept
    )


def key_values(key: SignalKey) -> Values:
    """Return the columns that identify an evaluation."""
    return _key_row(key) | {"interval": key.interval.value}


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
        "invalidation": condition_values(signal.invalidation),
        "expires_ms": signal.expires_ms,
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
            "analyst_detail": decision.analyst_detail,
            "confidence": decision.confidence,
            "shadows": {source.value: said for source, said in decision.shadows.items()},
        }
        | (dict(_NO_RULES) if decision.rules is None else _rule_values(decision.rules))
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
        analyst_detail=row.analyst_detail,
        confidence=row.confidence,
        shadows=MappingProxyType({Source(name): said for name, said in row.shadows.items()}),
    )


def reading_values(reading: Reading) -> Values:
    """Return a reading's columns."""
    return _reading_row(reading) | {"created_at": utc_text(reading.at_ms)}


def regime_values(change: RegimeChange) -> Values:
    """Return the columns of a change of regime, without the id and ``recorded_at``."""
    return _regime_row(change) | {
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


_NO_RULES: Mapping[str, Any] = MappingProxyType(
    {
        "score": None,
        "rule_direction": None,
        "rule_strength": None,
        "rule_confidence": None,
        "rule_stop": None,
        "rule_target": None,
        "rule_reward_risk": None,
        "rule_invalidation": [],
        "votes": None,
    }
)


def _rule_values(rules: RuleVerdict) -> Values:
    return {
        "score": rules.score,
        "rule_direction": rules.direction.value,
        "rule_strength": rules.strength.value,
        "rule_confidence": rules.confidence,
        "rule_stop": rules.stop,
        "rule_target": rules.target,
        "rule_reward_risk": rules.reward_risk,
        "rule_invalidation": condition_values(rules.invalidation),
        "votes": [_vote_row(vote) for vote in rules.votes],
    }


def _rules_of(row: Row[Any]) -> RuleVerdict:
    return RuleVerdict(
        direction=Direction(row.rule_direction),
        strength=Strength(row.rule_strength),
        score=row.score,
        confidence=row.rule_confidence,
        votes=tuple(_vote_of(vote) for vote in row.votes),
        stop=row.rule_stop,
        target=row.rule_target,
        reward_risk=row.rule_reward_risk,
        invalidation=conditions_of(row.rule_invalidation),
    )


def _vote_of(kept: Mapping[str, Any]) -> Vote:
    # Votes of before there were layers spoke of the trend.
    return Vote(**{**kept, "layer": Layer(kept.get("layer", Layer.TREND))})
