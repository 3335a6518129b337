"""What becomes of the rules' proposal once the analyst has spoken, or has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.model.condition import Condition, Side
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.policy import Policy
from core.model.signal import Direction, Outcome, RuleVerdict
from core.model.trade import ExitReason
from core.model.verdict import Abstention, AbstentionReason, Action, Verdict, View
from core.signals.levels import LevelParams, Levels, levels_for
from core.signals.rules import THRESHOLD_CONFIDENCE

NEAREST_STOP, FARTHEST_STOP = 0.5, 1.5
"""Bounds of an analyst's stop, in distances of the rules'; outside them the rules' is taken."""
LEAST_CONFIDENCE: Final = 20.0
"""A view below it, also one whose wrong claims brought it there, is as good as none."""
# An analyst as sure as this has the whole risk of a trade, one this unsure half of it.
_SURE, _UNSURE = 70.0, 30.0
_LEAST_RISK = 0.5
_ACTION: Final = {Direction.LONG: Action.LONG, Direction.SHORT: Action.SHORT}
_DIRECTION: Final = {action: direction for direction, action in _ACTION.items()}


@dataclass(frozen=True, slots=True)
class Combined:
    """
    Attributes:
        outcome: SIGNAL, HOLD, VETOED or REFUSED.
        direction: FLAT unless the outcome is SIGNAL.
        confidence: 0 to 100; of the rules unless an analyst has a part in it: the mean of
            both where it confirms, its own where it leads.
        stop, target: None unless the outcome is SIGNAL.
        risk_scale: Share of the usual risk, above 0 and up to 1.
        reason: One line.

    Raises:
        ValueError: If a signal has no direction or no levels, or anything else has one.
    """

    outcome: Outcome
    direction: Direction
    confidence: float
    stop: float | None
    target: float | None
    invalidation: tuple[Condition, ...]
    risk_scale: float
    reason: str

    def __post_init__(self) -> None:
        traded = self.outcome is Outcome.SIGNAL
        parts = (self.direction is not Direction.FLAT, self.stop is not None)
        if any(part is not traded for part in (*parts, self.target is not None)):
            raise ValueError(f"{self.outcome}: {self.direction}, {self.stop}, {self.target}")
        if not 0.0 < self.risk_scale <= 1.0:
            raise ValueError(f"risk_scale must be above 0 and at most 1, was {self.risk_scale}")


def combine(
    policy: Policy,
    rules: RuleVerdict,
    verdict: Verdict | None,
    *,
    features: FeatureSet,
    close: float,
    interval: Interval,
    params: LevelParams,
) -> Combined:
    """
    Decide on an entry.

    Fails closed: where the policy wants a view, an analyst that gave none blocks the trade.
    Only one that cannot be asked at all (`AbstentionReason.leaves_rules_alone`) leaves the
    rules alone. An analyst less sure than `LEAST_CONFIDENCE`
    enters nothing. Above it, its confidence scales the risk: half of it up to 30, all of it from
    70, in proportion between. A ``verdict`` of None says that nobody was asked; the policy
    RULES does not look at it.
    """
    if policy is Policy.RULES:
        return _rules_alone(rules, "the rules decide alone")
    match verdict:
        case Abstention(reason) if reason.leaves_rules_alone:
            return _rules_alone(rules, f"the rules decide alone ({reason.value})")
        case View() if policy is Policy.CONFIRM:
            return _confirmed(rules, verdict)
        case View(action) if action in _DIRECTION:
            levels = levels_for(_DIRECTION[action], features, close, interval, params)
            return _led(rules, verdict, levels, close, interval)
        case View(action, confidence):
            told = f"the analyst says {action.value} ({confidence:.0f})"
            return _nothing(Outcome.HOLD, confidence, told)
        case _:
            return _without_view(rules, verdict)


def _rules_alone(rules: RuleVerdict, reason: str) -> Combined:
    if rules.direction is Direction.FLAT:
        return _nothing(Outcome.HOLD, rules.confidence, _hold_reason(rules))
    return _of_rules(rules, rules.confidence, 1.0, reason)


def _confirmed(rules: RuleVerdict, view: View) -> Combined:
    if rules.direction is Direction.FLAT:
        return _nothing(Outcome.HOLD, rules.confidence, _hold_reason(rules))
    told = f"{view.action.value} ({view.confidence:.0f})"
    if view.action is not _ACTION[rules.direction]:
        return _nothing(Outcome.VETOED, rules.confidence, f"the analyst says {told}")
    if view.confidence < LEAST_CONFIDENCE:
        return _nothing(Outcome.VETOED, rules.confidence, f"the analyst is too unsure: {told}")
    confidence = (rules.confidence + view.confidence) / 2.0
    return _of_rules(rules, confidence, _risk_scale(view), f"the analyst agrees: {told}")


def _led(
    rules: RuleVerdict, view: View, levels: Levels | None, close: float, interval: Interval
) -> Combined:
    direction = _DIRECTION[view.action]
    told = f"the analyst says {view.action.value} ({view.confidence:.0f})"
    if view.confidence < LEAST_CONFIDENCE:
        return _nothing(Outcome.HOLD, view.confidence, f"{told}, which is too unsure")
    if rules.score * direction.sign < 0.0 and rules.confidence >= THRESHOLD_CONFIDENCE:
        against = f"{told}, against a score of {rules.score:+.2f}"
        return _nothing(Outcome.REFUSED, view.confidence, against)
    if levels is None:
        reason = f"{told}, but there is no room for a stop and a target"
        return _nothing(Outcome.REFUSED, view.confidence, reason)
    invalidation = (
        *levels.invalidation,
        *_own_conditions(view.invalidation, direction, close, interval),
    )
    return Combined(
        Outcome.SIGNAL,
        direction,
        view.confidence,
        _stop(view.stop_loss, levels, close),
        _target(view.take_profit, levels, close),
        tuple(dict.fromkeys(invalidation)),
        _risk_scale(view),
        told,
    )


def _without_view(rules: RuleVerdict, verdict: Abstention | None) -> Combined:
    if rules.direction is Direction.FLAT:
        return _nothing(Outcome.HOLD, rules.confidence, _hold_reason(rules))
    reason = AbstentionReason.NOT_ASKED if verdict is None else verdict.reason
    told = f": {verdict.detail}" if verdict is not None and verdict.detail else ""
    refusal = f"the analyst gave no view ({reason.value}){told}"
    return _nothing(Outcome.REFUSED, rules.confidence, refusal)


def _of_rules(rules: RuleVerdict, confidence: float, risk_scale: float, reason: str) -> Combined:
    return Combined(
        Outcome.SIGNAL,
        rules.direction,
        confidence,
        rules.stop,
        rules.target,
        rules.invalidation,
        risk_scale,
        reason,
    )


def _nothing(outcome: Outcome, confidence: float, reason: str) -> Combined:
    return Combined(outcome, Direction.FLAT, confidence, None, None, (), 1.0, reason)


def _risk_scale(view: View) -> float:
    sure = min(max((view.confidence - _UNSURE) / (_SURE - _UNSURE), 0.0), 1.0)
    return _LEAST_RISK + (1.0 - _LEAST_RISK) * sure


def _stop(wanted: float | None, levels: Levels, close: float) -> float:
    """Return the analyst's stop where it is on its side and neither too near nor too far."""
    if wanted is None or not wanted > 0.0:
        return levels.stop
    distances = (close - wanted) / (close - levels.stop)  # negative on the wrong side
    return wanted if NEAREST_STOP <= distances <= FARTHEST_STOP else levels.stop


def _target(wanted: float | None, levels: Levels, close: float) -> float:
    if wanted is None or not wanted > 0.0:
        return levels.target
    return wanted if (wanted - close) / (levels.target - close) > 0.0 else levels.target


def _own_conditions(
    texts: Iterable[str], direction: Direction, close: float, interval: Interval
) -> tuple[Condition, ...]:
    """Return what can be read of them and would prove the direction wrong, but not at once."""
    wrong = Side.BELOW if direction is Direction.LONG else Side.ABOVE
    read = (Condition.parse(text, interval) for text in texts)
    return tuple(c for c in read if c is not None and c.side is wrong and not c.met(close))


def _hold_reason(rules: RuleVerdict) -> str:
    if rules.confidence >= THRESHOLD_CONFIDENCE:
        return f"score {rules.score:+.2f}, but there is no room for a stop and a target"
    if not rules.votes:
        return "no votes"
    loudest = max(rules.votes, key=lambda vote: abs(vote.contribution))
    return f"score {rules.score:+.2f}: {loudest.reason}"


def why_not_asked(policy: Policy, rules: RuleVerdict, *, held: bool, ask_from: float) -> str:
    """
    Return why the analyst is spared the question; empty where it is to be asked.

    While a position of the symbol is ``held`` it is always asked, else from a |score| of
    ``ask_from`` on.
    """
    if policy is Policy.RULES:
        return "the policy asks nobody"
    if held or abs(rules.score) >= ask_from:
        return ""
    return f"score {rules.score:+.2f} is below {ask_from:.2f} and no position is open"


def exit_reason(
    policy: Policy, held: Direction, rules: RuleVerdict, verdict: Verdict | None
) -> ExitReason | None:
    """
    Return why an open position is to be closed; None where it is kept.

    An abstention never blocks the rules' exit, nor does a view below `LEAST_CONFIDENCE`; one
    that repeats the held direction does.
    Shadow accounts have the policy RULES, which does not look at the verdict. FLAT is held
    where there is no position.
    """
    if held is Direction.FLAT:
        return None
    opposite = ExitReason.OPPOSITE if rules.direction.sign == -held.sign else None
    if policy is Policy.RULES or not isinstance(verdict, View):
        return opposite
    if verdict.confidence < LEAST_CONFIDENCE:
        return opposite
    if verdict.action is Action.CLOSE:
        return ExitReason.ANALYST
    if verdict.action is _ACTION[held]:
        return None
    against = policy is Policy.ANALYST and verdict.action is not Action.HOLD
    return ExitReason.OPPOSITE if against else opposite


def in_words(verdict: Verdict | None) -> str:
    """Return ``LONG 70``, or the reason code of an abstention."""
    match verdict:
        case None:
            return AbstentionReason.NOT_ASKED.value
        case Abstention(reason):
            return reason.value
        case View(action, confidence):
            return f"{action.value} {confidence:.0f}"
