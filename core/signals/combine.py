"""What becomes of the rules' proposal once the analyst has spoken, or has not."""

from dataclasses import dataclass

from core.model.signal import Direction, Outcome, RuleVerdict
from core.model.verdict import Abstention, AbstentionReason, Action, Verdict, View

_AGREEMENT = {Direction.LONG: Action.LONG, Direction.SHORT: Action.SHORT}


@dataclass(frozen=True, slots=True)
class Combined:
    """
    Attributes:
        outcome: SIGNAL, HOLD, VETOED or REFUSED.
        confidence: 0 to 100; of the rules alone unless the analyst agreed.
        reason: One line.
    """

    outcome: Outcome
    confidence: float
    reason: str


def combine(rules: RuleVerdict, verdict: Verdict | None) -> Combined:
    """
    Let the analyst confirm or veto; it can never propose.

    Fails closed: an analyst that was asked and gave no usable view blocks the trade.
    Only one that cannot be asked at all, for want of a key, leaves the rules alone.

    Args:
        rules: What the rules say.
        verdict: None when the policy asks nobody.
    """
    if rules.direction is Direction.FLAT:
        return Combined(Outcome.HOLD, rules.confidence, _hold_reason(rules))
    match verdict:
        case None:
            return Combined(Outcome.SIGNAL, rules.confidence, "the rules decide alone")
        case Abstention(AbstentionReason.NO_KEY):
            reason = "the rules decide alone: no analyst is configured (no_key)"
            return Combined(Outcome.SIGNAL, rules.confidence, reason)
        case Abstention(reason, detail):
            told = f": {detail}" if detail else ""
            refusal = f"the analyst gave no view ({reason.value}){told}"
            return Combined(Outcome.REFUSED, rules.confidence, refusal)
        case View(action, confidence) if action is _AGREEMENT[rules.direction]:
            mean = (rules.confidence + confidence) / 2.0
            return Combined(Outcome.SIGNAL, mean, f"the analyst agrees ({confidence:.0f})")
        case View(action, confidence):
            reason = f"the analyst says {action.value} ({confidence:.0f})"
            return Combined(Outcome.VETOED, rules.confidence, reason)


def _hold_reason(rules: RuleVerdict) -> str:
    return f"score {rules.score:+.2f}: {rules.votes[0].reason}" if rules.votes else "no votes"


def in_words(verdict: Verdict | None) -> str:
    """Return ``LONG 70``, or the reason code of an abstention."""
    match verdict:
        case None:
            return AbstentionReason.NOT_ASKED.value
        case Abstention(reason):
            return reason.value
        case View(action, confidence):
            return f"{action.value} {confidence:.0f}"
