"""
The rules: votes in five layers, whose weighted sum is the score.

A state that has just begun speaks louder than an old one. Filters speak against the side
that the other votes lean to; together they can at most silence them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction, Layer, RuleVerdict, Strength, Vote
from core.signals.levels import LevelParams, levels_for
from core.signals.votes.catalogue import DIRECTIONAL, OPPOSING, VOTE_LAYERS

RULES_VERSION = "layers-1"
THRESHOLD_CONFIDENCE = 50.0
"""Confidence of a score at the threshold."""
# Recorded 15m markets never had a score of 1.5 thresholds of the default configuration.
_SUREST = 1.5
# In thresholds. Of the proposals on recorded 15m markets about half are weak, a sixth strong.
_PLAIN = 1.08
_STRONG = 1.18
_LONG = {"weak": Strength.WEAK_BUY, "plain": Strength.BUY, "strong": Strength.STRONG_BUY}
_SHORT = {"weak": Strength.WEAK_SELL, "plain": Strength.SELL, "strong": Strength.STRONG_SELL}


@dataclass(frozen=True, slots=True)
class RuleParams:
    """
    Attributes:
        threshold: |score| from which a direction is proposed, above 0 and up to 1.
        weights: By name of the vote, of each in the catalogue; only their ratios count.

    Raises:
        ValueError: If the threshold is out of bounds, votes and weights are not the same
            names, a weight is negative or not finite, or none is above 0.
    """

    threshold: float
    weights: Mapping[str, float]
    levels: LevelParams = field(default_factory=LevelParams)

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold <= 1.0:
            raise ValueError(f"threshold must be above 0 and at most 1, was {self.threshold}")
        odd = sorted(set(self.weights) ^ set(VOTE_LAYERS))
        if odd:
            raise ValueError(f"each vote has one weight; not so {', '.join(odd)}")
        weights = self.weights.values()
        if not all(math.isfinite(w) and w >= 0.0 for w in weights) or not any(weights):
            raise ValueError("weights must not be negative, and one of them above 0")


def judge_rules(
    features: FeatureSet, close: float, interval: Interval, params: RuleParams
) -> RuleVerdict:
    """
    Vote on one closed candle.

    The score is the plain sum of the contributions, left to right. A direction is proposed
    where it reaches the threshold and its levels can be placed. The confidence is a measure
    of how clearly the votes speak: from 0 at a score of 0 in proportion to
    `THRESHOLD_CONFIDENCE` at the threshold, and on to 100 at one and a half thresholds. It is
    no probability.
    """
    votes = _votes(features, params.weights)
    score = float(sum(vote.contribution for vote in votes))
    size = abs(score) / params.threshold
    confidence = _confidence(size)
    proposed = Direction.LONG if score > 0.0 else Direction.SHORT
    levels = levels_for(proposed, features, close, interval, params.levels) if size >= 1.0 else None
    if levels is None:
        return RuleVerdict(
            Direction.FLAT, Strength.HOLD, score, confidence, votes, stop=None, target=None
        )
    return RuleVerdict(
        proposed,
        _strength(proposed, size),
        score,
        confidence,
        votes,
        levels.stop,
        levels.target,
        levels.reward_risk,
        levels.invalidation,
    )


def _votes(features: FeatureSet, weights: Mapping[str, float]) -> tuple[Vote, ...]:
    values, total = features.values, math.fsum(weights.values())
    votes = []
    for rule in DIRECTIONAL:
        value, reason = rule.judge(values)
        votes.append(Vote(rule.name, value, weights[rule.name] / total, reason, rule.layer))
    leaning = float(sum(vote.contribution for vote in votes))
    side = -1 if leaning < 0.0 else 1
    opposed = math.fsum(weights[rule.name] / total for rule in OPPOSING)
    most = abs(leaning) / opposed if opposed > 0.0 else 0.0
    for filter_ in OPPOSING:
        value, reason = filter_.judge(values, side)
        weight = weights[filter_.name] / total
        votes.append(
            Vote(filter_.name, -side * min(value, most, 1.0), weight, reason, Layer.FILTERS)
        )
    return tuple(votes)


def _confidence(thresholds: float) -> float:
    if thresholds < 1.0:
        return THRESHOLD_CONFIDENCE * thresholds
    surer = (thresholds - 1.0) / (_SUREST - 1.0)
    return min(THRESHOLD_CONFIDENCE + (100.0 - THRESHOLD_CONFIDENCE) * surer, 100.0)


def _strength(direction: Direction, thresholds: float) -> Strength:
    words = _LONG if direction is Direction.LONG else _SHORT
    if thresholds >= _STRONG:
        return words["strong"]
    return words["plain" if thresholds >= _PLAIN else "weak"]
