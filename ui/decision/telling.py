"""An evaluation as the browser is told it: plain JSON, drawn by ``verdict_card.js``. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from core.journal.decision_reader import Story
from core.model.condition import Condition
from core.model.signal import Direction, Layer, RuleVerdict, Signal, Strength, Vote
from core.model.verdict import Check, LlmCall
from core.signals.metrics.calibration import Calibration
from core.signals.setup import setup_forming
from ui.decision.words import OUTCOMES, analyst_view, real_minus, upshot
from ui.figures.numbers import THIN_SPACE

Told: TypeAlias = dict[str, Any]

_LAYERS: Mapping[Layer, str] = {
    Layer.TREND: "Trend, regime",
    Layer.MOMENTUM: "Momentum, structure",
    Layer.FLOW: "Flow, liquidity",
    Layer.ALIGNMENT: "Other timeframes",
    Layer.FILTERS: "Filters",
}


def story_told(story: Story, threshold: float, decimals: int) -> Told:
    """
    Return what card and drawer have in common.

    Args:
        story: The evaluation.
        threshold: |score| from which the rules propose.
        decimals: Of the symbol's prices.
    """
    decision, rules = story.decision, story.decision.rules
    came = upshot(story)
    score = None if rules is None else rules.score
    return {
        "id": story.id,
        "symbol": decision.key.symbol,
        "interval": decision.key.interval.value,
        "open_ms": decision.key.open_time_ms,
        "closed_ms": decision.closed_ms,
        "decided_ms": decision.decided_ms,
        "close": decision.close,
        "decimals": decimals,
        "outcome": OUTCOMES[decision.outcome],
        "direction": _direction(story),
        "strength": _strength(story),
        "confidence": _confidence(story),
        "score": score,
        "threshold": threshold,
        "forming": score is not None and setup_forming(score, threshold),
        "rules": None if rules is None else _rules_told(rules),
        "layers": [] if rules is None else layers_told(rules.votes),
        "analyst": _analyst_told(story),
        "levels": _levels(story),
        "invalidation": [_condition_words(condition) for condition in _conditions(story)],
        "upshot": {"title": came.title, "words": came.words, "tone": came.tone},
    }


def probability(calibration: Calibration | None, confidence: float | None) -> Told:
    """
    Return how often such a confidence has earned money; None until enough trades have closed.

    Where no trade was as confident, the nearest range of confidence speaks.
    """
    if calibration is None:
        return {"value": None, "count": 0}
    value = None
    if confidence is not None and calibration.buckets:
        nearest = min(
            calibration.buckets,
            key=lambda b: (max(b.low - confidence, confidence - b.high, 0.0), -b.low),
        )
        value = nearest.probability
    return {"value": value, "count": calibration.count}


def layers_told(votes: Iterable[Vote]) -> list[Told]:
    """Return the votes by layer, in the order of layers, each with what it adds to the score."""
    spoken = tuple(votes)
    return [
        {
            "key": layer.value,
            "title": title,
            "sum": sum(vote.contribution for vote in spoken if vote.layer is layer),
            "votes": [
                {
                    "name": vote.name.replace("_", " "),
                    "value": vote.value,
                    "weight": vote.weight,
                    "contribution": vote.contribution,
                    "reason": real_minus(vote.reason),
                }
                for vote in spoken
                if vote.layer is layer
            ],
        }
        for layer, title in _LAYERS.items()
        if any(vote.layer is layer for vote in spoken)
    ]


def strength_words(strength: Strength) -> str:
    """Return a strength in lower case words."""
    return strength.value.replace("_", " ").lower()


def checks_told(checks: Iterable[Check]) -> list[Told]:
    """Return claims beside the facts."""
    return [
        {
            "feature": check.feature,
            "claimed": check.claimed,
            "actual": check.actual,
            "holds": check.holds,
        }
        for check in checks
    ]


def _rules_told(rules: RuleVerdict) -> Told:
    return {
        "direction": rules.direction.value,
        "strength": strength_words(rules.strength),
        "confidence": rules.confidence,
    }


def _direction(story: Story) -> str:
    if story.signal is not None:
        return story.signal.direction.value
    rules = story.decision.rules
    if rules is None:
        return "NONE"
    return "HOLD" if rules.direction is Direction.FLAT else rules.direction.value


def _strength(story: Story) -> str:
    said: Signal | RuleVerdict | None = story.signal or story.decision.rules
    return "" if said is None or said.strength is Strength.HOLD else strength_words(said.strength)


def _confidence(story: Story) -> float | None:
    decision = story.decision
    if decision.confidence is not None or decision.rules is None:
        return decision.confidence
    return decision.rules.confidence


def _analyst_told(story: Story) -> Told:
    view = analyst_view(story.decision)
    calls = story.calls
    return {
        "action": None if view.action is None else view.action.value,
        "confidence": view.confidence,
        "words": view.words,
        "checks": checks_told(_last_checks(calls)),
        "calls": len(calls),
        "cost_usd": sum(call.cost_usd for call in calls),
        "latency_ms": sum(call.latency_ms for call in calls),
        "cached": bool(calls) and all(call.cached for call in calls),
    }


def _last_checks(calls: tuple[LlmCall, ...]) -> tuple[Check, ...]:
    return next((call.checks for call in reversed(calls) if call.checks), ())


def _levels(story: Story) -> Told | None:
    """Entry, stop and target of what was traded, else of what the rules would have taken."""
    trade, signal, rules = story.trade, story.signal, story.decision.rules
    entry: float | None
    if signal is not None:
        filled = trade.entry_price if trade is not None else None
        entry = signal.reference_price if filled is None else filled
        stop, target, is_filled = signal.stop, signal.target, filled is not None
    elif rules is not None and rules.stop is not None and rules.target is not None:
        entry, stop, target, is_filled = story.decision.close, rules.stop, rules.target, False
    else:
        return None
    ratio = None if entry is None or entry == stop else abs((target - entry) / (entry - stop))
    return {
        "entry": entry,
        "filled": is_filled,
        "stop": stop,
        "target": target,
        "reward_risk": ratio,
        "traded": signal is not None,
    }


def _condition_words(condition: Condition) -> str:
    price = f"{Decimal(f'{condition.price:.7g}'):,f}".replace(",", THIN_SPACE)
    return f"close {condition.side} {price} on {condition.interval}"


def _conditions(story: Story) -> tuple[Condition, ...]:
    if story.signal is not None:
        return story.signal.invalidation
    return () if story.decision.rules is None else story.decision.rules.invalidation
