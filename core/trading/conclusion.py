"""What an evaluation came to, and the rows it is written down as."""

from dataclasses import dataclass, replace

from core.model.features import FeatureSet
from core.model.signal import Decision, Outcome, RuleVerdict, Signal, SignalKey
from core.model.verdict import LlmCall
from core.trading.risk_gate import Admission, Refusal


@dataclass(frozen=True, slots=True)
class Conclusion:
    """
    An evaluation before its latency is known.

    Attributes:
        analyst: The verdict in words.
        confidence: 0 to 100.
        admission: What the risk gate allowed; only with the outcome SIGNAL.
    """

    outcome: Outcome
    reason: str
    features: FeatureSet | None = None
    rules: RuleVerdict | None = None
    analyst: str = ""
    call: LlmCall | None = None
    confidence: float = 0.0
    admission: Admission | None = None

    def refused(self, refusal: Refusal) -> "Conclusion":
        """Return the same evaluation, turned down by the risk gate."""
        reason = f"{refusal.code}: {refusal.reason}"
        return replace(self, outcome=Outcome.REFUSED, reason=reason)


def decision(
    conclusion: Conclusion,
    key: SignalKey,
    close: float | None,
    *,
    closed_ms: int,
    latency_ms: int,
) -> Decision:
    """
    Write the evaluation down.

    It counts as decided ``latency_ms`` after the report of the close, and never before
    the bar was over, even if the exchange's clock says so.
    """
    over_ms = key.interval.close_time_ms(key.open_time_ms) + 1
    features = conclusion.features
    return Decision(
        key=key,
        outcome=conclusion.outcome,
        reason=conclusion.reason,
        closed_ms=closed_ms,
        decided_ms=max(closed_ms, over_ms) + latency_ms,
        close=close,
        features=None if features is None else features.values,
        missing=() if features is None else features.missing,
        rules=conclusion.rules,
        analyst=conclusion.analyst,
    )


def signal(conclusion: Conclusion, decided: Decision) -> Signal | None:
    """Return what somebody could act on, None when the evaluation ended in nothing."""
    rules, admission, close = conclusion.rules, conclusion.admission, decided.close
    if rules is None or admission is None or close is None:
        return None
    return Signal(
        key=decided.key,
        direction=rules.direction,
        strength=rules.strength,
        score=rules.score,
        confidence=conclusion.confidence,
        reference_price=close,
        stop=admission.stop,
        target=admission.target,
        quantity=admission.quantity,
        decided_ms=decided.decided_ms,
        reasons=(
            *(vote.reason for vote in rules.votes),
            conclusion.reason,
            f"reward/risk {admission.reward_risk:.2f} after costs",
        ),
    )
