"""What an evaluation came to, and the rows it is written down as."""

from dataclasses import dataclass, replace

from core.model.condition import Condition
from core.model.features import FeatureSet
from core.model.signal import (
    Decision,
    Direction,
    Outcome,
    RuleVerdict,
    Signal,
    SignalKey,
    Strength,
)
from core.model.source import Source
from core.model.verdict import LlmCall
from core.trading.risk_gate import Admission, Refusal


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A trade that the risk gate has admitted.

    Attributes:
        confidence: 0 to 100.
        reasons: One line each.
    """

    source: Source
    direction: Direction
    strength: Strength
    score: float
    confidence: float
    admission: Admission
    invalidation: tuple[Condition, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """
    An evaluation before its latency is known.

    Attributes:
        analyst: The verdict in words.
        analyst_detail: Why it was not asked, or gave no view.
        calls: What it was asked, attempt by attempt.
        confidence: 0 to 100.
        entry: Only with the outcome SIGNAL.
    """

    outcome: Outcome
    reason: str
    features: FeatureSet | None = None
    rules: RuleVerdict | None = None
    analyst: str = ""
    analyst_detail: str = ""
    calls: tuple[LlmCall, ...] = ()
    confidence: float | None = None
    entry: Entry | None = None

    def refused(self, refusal: Refusal) -> "Conclusion":
        """Return the same evaluation, turned down by the risk gate."""
        reason = f"{refusal.code}: {refusal.reason}"
        return replace(self, outcome=Outcome.REFUSED, reason=reason, entry=None)

    def late(self) -> "Conclusion":
        """Return what is left of it once the next bar has closed: a row that says so."""
        if self.entry is None and not self.calls:
            return self
        was = f"{self.outcome.value}: {self.reason}"
        reason = f"the next bar had closed already; too late for {was}"
        return replace(self, outcome=Outcome.LATE, reason=reason, entry=None)


def decided_at_ms(key: SignalKey, closed_ms: int, latency_ms: int, now_ms: int | None) -> int:
    """
    Return when a bar is decided on: never before it was over, nor before now.

    Args:
        key: Of the bar.
        closed_ms: Feed time of the report that it closed.
        latency_ms: Measured since that report.
        now_ms: Market time, which a simulated market may let run faster; None if not known.
    """
    return max(max(closed_ms, _end_ms(key)) + latency_ms, now_ms or 0)


def over(key: SignalKey, decided_ms: int) -> bool:
    """Whether the next bar had closed already."""
    return decided_ms >= _end_ms(key) + key.interval.duration_ms


def decision(
    conclusion: Conclusion,
    key: SignalKey,
    close: float | None,
    *,
    closed_ms: int,
    decided_ms: int,
) -> Decision:
    """Write the evaluation down."""
    features = conclusion.features
    return Decision(
        key=key,
        outcome=conclusion.outcome,
        reason=conclusion.reason,
        closed_ms=closed_ms,
        decided_ms=decided_ms,
        close=close,
        features=None if features is None else features.values,
        missing=() if features is None else features.missing,
        rules=conclusion.rules,
        analyst=conclusion.analyst,
        analyst_detail=conclusion.analyst_detail,
        confidence=conclusion.confidence,
    )


def signal(
    entry: Entry, key: SignalKey, close: float, *, decided_ms: int, holding_bars: int
) -> Signal:
    """
    Return what somebody could act on.

    Args:
        entry: As the risk gate admitted it.
        key: Of the bar.
        close: Of the bar.
        decided_ms: From when on it may be filled.
        holding_bars: After so many bars the trade is closed.
    """
    admission = entry.admission
    return Signal(
        key=key,
        direction=entry.direction,
        strength=entry.strength,
        score=entry.score,
        confidence=entry.confidence,
        reference_price=close,
        stop=admission.stop,
        target=admission.target,
        quantity=admission.quantity,
        decided_ms=decided_ms,
        reasons=(*entry.reasons, f"reward/risk {admission.reward_risk:.2f} after costs"),
        source=entry.source,
        invalidation=entry.invalidation,
        expires_ms=_end_ms(key) + holding_bars * key.interval.duration_ms,
    )


def _end_ms(key: SignalKey) -> int:
    return key.interval.close_time_ms(key.open_time_ms) + 1
