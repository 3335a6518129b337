"""
The first rule set: a Supertrend flip that trend and volume confirm.

A flip alone is not enough and confirmation without a flip is context: the flip's
weight and all confirmations without one stay below one half, the default threshold.
"""

from dataclasses import dataclass

from core.model.features import FeatureSet
from core.model.signal import Direction, RuleVerdict, Strength, Vote

RULES_VERSION = "supertrend-flip-1"

_FLIP_WEIGHT = 0.35
_TREND_WEIGHT = 0.35
_VOLUME_WEIGHT = 0.20
_FLOW_WEIGHT = 0.10
# Without a flip the confirmations count half: at most 0.325 together.
_CONTEXT = 0.5
# A close this far beyond EMA 50, and an EMA 50 that moved so far in five candles, both in
# ATR, are as much trend as we ask for: few flips on recorded 1m and 15m markets have more.
_FULL_DISTANCE_ATR = 3.0
_FULL_SLOPE_ATR = 0.4
# Three times the usual volume speaks as loud as volume can; none at all half as loud against.
_FULL_EXCESS_VOLUME = 2.0
# A taker share of 75 % is as one-sided as flow needs to be.
_FULL_FLOW_SHARE = 0.25
_STRONG = 0.8
_WEAK = 0.65


@dataclass(frozen=True, slots=True)
class RuleParams:
    """
    Attributes:
        threshold: |score| from which a direction is proposed, 0 to 1.
        stop_atr: Distance of the stop, in ATR(14); the Supertrend line, where farther.
        reward_risk: Distance of the target, in distances of the stop.
    """

    threshold: float = 0.5
    stop_atr: float = 3.0
    reward_risk: float = 2.5


def judge_rules(features: FeatureSet, close: float, params: RuleParams) -> RuleVerdict:
    """
    Vote on one closed candle.

    The score is the plain sum of the contributions in their order. A direction is
    proposed only when this very candle flipped Supertrend, the score reaches the
    threshold on the same side, and both levels are positive prices.
    """
    flip = _flip(features)
    strength_of_context = 1.0 if flip else _CONTEXT
    side = 1 if flip > 0 or (flip == 0 and features.values.get("return_1_pct", 0.0) > 0) else -1
    votes = (
        _flip_vote(flip, features),
        _trend_vote(features, strength_of_context),
        _volume_vote(features, side, strength_of_context),
        _flow_vote(features, strength_of_context),
    )
    score = sum(vote.contribution for vote in votes)
    levels = _levels(features, close, flip, params)
    proposed = flip != 0 and score * flip >= params.threshold and levels is not None
    if not proposed or levels is None:
        return RuleVerdict(
            Direction.FLAT, Strength.HOLD, score, 100.0 * abs(score), votes, None, None
        )
    return RuleVerdict(
        Direction.LONG if flip > 0 else Direction.SHORT,
        _strength(score),
        score,
        100.0 * abs(score),
        votes,
        *levels,
    )


def _flip(features: FeatureSet) -> int:
    """+1 or -1 when the evaluated candle turned Supertrend, else 0."""
    if features.values.get("supertrend_age_candles") != 0.0:
        return 0
    return int(features.values.get("supertrend_direction", 0.0))


def _flip_vote(flip: int, features: FeatureSet) -> Vote:
    age = features.values.get("supertrend_age_candles")
    if flip:
        reason = f"Supertrend turned {'up' if flip > 0 else 'down'} on this candle"
    elif age is None:
        reason = "no Supertrend turn is known"
    else:
        reason = f"Supertrend turned {age:.0f} candles ago"
    return Vote("supertrend_flip", float(flip), _FLIP_WEIGHT, reason)


def _trend_vote(features: FeatureSet, context: float) -> Vote:
    name = "trend"
    distance = features.values.get("ema_50_distance_atr")
    slope = features.values.get("ema_50_slope_atr")
    if distance is None or slope is None:
        return Vote(name, 0.0, _TREND_WEIGHT, "trend unknown")
    value = (_within(distance / _FULL_DISTANCE_ATR) + _within(slope / _FULL_SLOPE_ATR)) / 2.0
    reason = f"close {distance:+.2f} ATR from EMA 50, which moved {slope:+.2f} ATR in 5 candles"
    return Vote(name, context * value, _TREND_WEIGHT, reason)


def _volume_vote(features: FeatureSet, side: int, context: float) -> Vote:
    name = "volume"
    relative = features.values.get("relative_volume_20")
    if relative is None:
        return Vote(name, 0.0, _VOLUME_WEIGHT, "volume unknown")
    value = _within((relative - 1.0) / _FULL_EXCESS_VOLUME)
    return Vote(
        name,
        context * side * value,
        _VOLUME_WEIGHT,
        f"volume is {relative:.2f} times its mean of 20 candles",
    )


def _flow_vote(features: FeatureSet, context: float) -> Vote:
    name = "taker_flow"
    share = features.values.get("taker_buy_share")
    if share is None:
        return Vote(name, 0.0, _FLOW_WEIGHT, "taker flow unknown")
    value = context * _within((share - 0.5) / _FULL_FLOW_SHARE)
    return Vote(name, value, _FLOW_WEIGHT, f"takers bought {100.0 * share:.0f} % of the volume")


def _levels(
    features: FeatureSet, close: float, flip: int, params: RuleParams
) -> tuple[float, float] | None:
    unit = features.values.get("atr_14")
    line_atr = features.values.get("supertrend_distance_atr")
    if not flip or unit is None or line_atr is None or unit <= 0.0:
        return None
    distance = unit * max(params.stop_atr, flip * line_atr)
    stop = close - flip * distance
    target = close + flip * distance * params.reward_risk
    apart = flip * stop < flip * close < flip * target  # not when float64 cannot tell them apart
    return (stop, target) if apart and min(stop, target) > 0.0 else None


def _strength(score: float) -> Strength:
    size = abs(score)
    if size >= _STRONG:
        return Strength.STRONG_BUY if score > 0 else Strength.STRONG_SELL
    if size >= _WEAK:
        return Strength.BUY if score > 0 else Strength.SELL
    return Strength.WEAK_BUY if score > 0 else Strength.WEAK_SELL


def _within(value: float) -> float:
    return min(max(value, -1.0), 1.0)
