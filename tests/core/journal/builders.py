"""Evaluations, signals and readings for the journal's tests."""

from dataclasses import replace
from pathlib import Path

from core.journal.journal import Journal
from core.model.condition import Condition, Side
from core.model.intervals import Interval
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
from core.model.verdict import Check, LlmCall
from tests.builders import START_MS
from tests.core.journal.empty_journal import ready

M15_MS = Interval.M15.duration_ms
RULES = RuleVerdict(
    Direction.LONG,
    Strength.BUY,
    0.6,
    64.5,
    (Vote("flip", 1.0, 0.5, "turned up", Layer.MOMENTUM), Vote("trend", 0.2, 0.5, "ADX 31.5")),
    97.5,
    106.25,
    2.333,
    (Condition(Side.BELOW, 97.5, Interval.M15),),
)
CALL = LlmCall(
    prompt='[{"role": "system", "content": "…"}]',
    prompt_sha256="0" * 64,
    answer='{"action": "LONG"}',
    model="deepseek-flash",
    prompt_tokens=900,
    cache_hit_tokens=640,
    completion_tokens=80,
    cost_usd=0.000123,
    latency_ms=812,
    asked_ms=1_799_999_999_000,
    verdict="LONG 70",
    checks=(Check("rsi_14", 61.2, 61.23456789012345, True), Check("made_up", 1.0, None, False)),
)


def opened(tmp_path: Path, *, clock_s: float = 1_800_000_000.0) -> Journal:
    """A new journal in ``tmp_path`` whose local clock stands still."""
    return Journal.open(ready(tmp_path / "journal.db"), clock=lambda: clock_s)


def key(n: int = 0, symbol: str = "BTCUSDT", strategy: str = "a1b2c3d4e5f6") -> SignalKey:
    """The ``n``-th 15-minute bar of a symbol."""
    return SignalKey(symbol, Interval.M15, START_MS + n * M15_MS, strategy)


def decision(at: SignalKey | None = None, outcome: Outcome = Outcome.SIGNAL) -> Decision:
    """A decision with everything a decision can have."""
    at = at or key()
    closed_ms = at.open_time_ms + M15_MS + 42
    return Decision(
        key=at,
        outcome=outcome,
        reason="score 0.60 reached 0.50",
        closed_ms=closed_ms,
        decided_ms=closed_ms + 7,
        close=100.125,
        features={"rsi_14": 61.23456789012345, "atr_14": 0.1 + 0.2},
        missing=("ema_200",),
        rules=RULES,
        analyst="LONG 70",
        analyst_detail="momentum",
        confidence=66.5,
        shadows={Source.RULES: "LONG", Source.RANDOM: "nothing"},
    )


def signal(at: SignalKey | None = None) -> Signal:
    """The signal that belongs to `decision`."""
    made = decision(at)
    return Signal(
        key=made.key,
        direction=Direction.LONG,
        strength=Strength.BUY,
        score=0.6,
        confidence=64.5,
        reference_price=100.125,
        stop=97.5,
        target=106.25,
        quantity=0.037,
        decided_ms=made.decided_ms,
        reasons=("turned up", "ADX 31.5"),
        invalidation=(Condition(Side.BELOW, 98.123456789012, Interval.M15),),
        expires_ms=made.closed_ms + 40 * M15_MS,
    )


def shadow(at: SignalKey | None = None, source: Source = Source.RULES) -> Signal:
    """What a shadow account enters at the bar of `signal`."""
    return replace(signal(at), source=source, quantity=0.05)


def hold(at: SignalKey | None = None) -> Decision:
    """A decision that ended in nothing, without rules."""
    made = decision(at, Outcome.NOT_READY)
    return replace(
        made, rules=None, features=None, close=None, missing=(), analyst="", analyst_detail=""
    )


def reading(feature: str, n: int, latency_ms: float = 1.0, error: str = "") -> Reading:
    """The ``n``-th measurement of a feature."""
    at_ms = START_MS + n * M15_MS
    return Reading(feature, "BTCUSDT", "15m", at_ms, latency_ms, None, 300, error)
