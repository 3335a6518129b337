"""Where an idea is proven wrong and where it has paid: stop, target and what ends it earlier."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.condition import Condition, Side
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction

MOST_STRETCH = 1.5
"""The stop goes behind structure up to so many times its usual distance, no farther."""
FEWEST_REWARD_RISK = 1.5
"""A target is pulled in front of an obstacle only while it still pays so much."""
# Behind a line or in front of a zone, not on it: orders rest there and price overshoots.
_BUFFER_ATR = 0.1
# Closer than this a close means nothing: half of all candles move more.
_NEAREST_INVALIDATION_ATR = 0.5
# Where no structure lies between close and stop: price has used up most of the room.
_INVALIDATION_SHARE = 0.75
_DIGITS = 10  # as many as a condition is printed with, so that it can be read back


@dataclass(frozen=True, slots=True)
class LevelParams:
    """
    Attributes:
        stop_atr: Distance of the stop, in ATR(14), where no structure moves it.
        reward_risk: Distance of the target, in distances of the stop.

    Raises:
        ValueError: If one of them is not positive and finite.
    """

    stop_atr: float = 3.0
    reward_risk: float = 2.5

    def __post_init__(self) -> None:
        for value in (self.stop_atr, self.reward_risk):
            if not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"levels cannot be {value} away")


@dataclass(frozen=True, slots=True)
class Levels:
    """
    Attributes:
        reward_risk: Distance of the target over that of the stop, before costs.
        invalidation: Any of them ends the idea before the stop does; at least one.
    """

    stop: float
    target: float
    reward_risk: float
    invalidation: tuple[Condition, ...]


def levels_for(
    direction: Direction,
    features: FeatureSet,
    close: float,
    interval: Interval,
    params: LevelParams,
) -> Levels | None:
    """
    Place stop and target around a close.

    The stop is ``params.stop_atr`` ATR away, or just behind the Supertrend line or the newest
    swing where these are farther, up to `MOST_STRETCH` times as far. The target is
    ``params.reward_risk`` times as far, or just in front of the nearest liquidity or order
    block that leaves at least `FEWEST_REWARD_RISK`. A close beyond the farthest structure
    between close and stop ends the idea.

    Returns:
        None without a direction or an average true range, or where a level would not be a
        positive price on its side of the close.
    """
    sign, unit = direction.sign, features.values.get("atr_14", 0.0)
    if sign == 0 or not unit > 0.0:
        return None
    behind = _structure_atr(features.values, sign)
    stop_atr = _stop_atr(behind, params.stop_atr)
    target_atr = _target_atr(features.values, sign, stop_atr, params.reward_risk)
    ended_atr = _invalidation_atr(behind, stop_atr)
    stop, target = close - sign * unit * stop_atr, close + sign * unit * target_atr
    ended = _printable(close - sign * unit * ended_atr)
    if not _placed(sign, close, stop, target, ended):
        return None
    side = Side.BELOW if sign > 0 else Side.ABOVE
    reward_risk = (target - close) / (close - stop)
    return Levels(stop, target, reward_risk, (Condition(side, ended, interval),))


def _structure_atr(values: Mapping[str, float], sign: int) -> tuple[float, ...]:
    """Distances of the Supertrend line and of the newest swing, where they are behind price."""
    swing = "swing_low_distance_atr" if sign > 0 else "swing_high_distance_atr"
    found = (sign * values.get(name, 0.0) for name in ("supertrend_distance_atr", swing))
    return tuple(distance for distance in found if distance > 0.0)


def _stop_atr(behind: tuple[float, ...], usual: float) -> float:
    beyond = (distance + _BUFFER_ATR for distance in behind)
    return max((usual, *(d for d in beyond if d <= MOST_STRETCH * usual)))


def _target_atr(values: Mapping[str, float], sign: int, stop_atr: float, wanted: float) -> float:
    side = "above" if sign > 0 else "below"
    names = (f"liquidity_{side}_atr", f"order_block_{side}_atr")
    in_front = (values[name] - _BUFFER_ATR for name in names if name in values)
    fewest = min(FEWEST_REWARD_RISK, wanted) * stop_atr
    return min((wanted * stop_atr, *(d for d in in_front if d >= fewest)))


def _invalidation_atr(behind: tuple[float, ...], stop_atr: float) -> float:
    between = [d for d in behind if _NEAREST_INVALIDATION_ATR <= d < stop_atr]
    if between:
        return max(between)
    return max(_INVALIDATION_SHARE * stop_atr, min(_NEAREST_INVALIDATION_ATR, stop_atr))


def _printable(price: float) -> float:
    return float(f"{price:.{_DIGITS}g}")


def _placed(sign: int, close: float, stop: float, target: float, ended: float) -> bool:
    """Not where float64 cannot tell them apart, nor below zero."""
    prices = (stop, target, ended)
    apart = sign * stop < sign * close < sign * target and sign * ended < sign * close
    return apart and all(math.isfinite(price) and price > 0.0 for price in prices)
