"""Votes on trend and regime."""

from core.model.signal import Layer
from core.signals.votes.opinion import (
    Opinion,
    Values,
    VoteRule,
    ago,
    fading,
    known,
    side_word,
    within,
)

# A turn of Supertrend half forgotten after two hours of 15m candles; half of all turns are
# younger than 23 candles. What is left of it is the side alone.
_TURN_HALF_LIFE_CANDLES = 8.0
_OLD_TURN = 0.2
# Nine of ten recorded 15m candles are closer to their means, and these flatter, than this.
_FULL_DISTANCE_ATR = 3.0
_FULL_SLOPES_ATR = {"ema_20_slope_atr": 0.8, "ema_50_slope_atr": 0.6}
_FULL_APART_ATR = 4.0
# The stop hangs three ATR from the extreme (Chandelier's own factor): so far from it a trend runs.
_FULL_ROOM_ATR = 3.0
_NO_ROOM = 0.4
# Half of all regimes of recorded 15m markets last less than 13 candles.
_REGIME_HALF_LIFE_CANDLES = 12.0
_OLD_REGIME = 0.4
_REGIMES = {
    "regime_trend_up": ("rising trend", 1.0),
    "regime_trend_down": ("falling trend", -1.0),
    "regime_range": ("range", 0.0),
    "regime_volatile": ("volatile market", 0.0),
    "regime_quiet": ("quiet market", 0.0),
}


def _supertrend(values: Values) -> Opinion | None:
    found = known(values, "supertrend_direction", "supertrend_age_candles")
    if found is None:
        return None
    side, age = found
    value = within(side) * fading(age, _TURN_HALF_LIFE_CANDLES, _OLD_TURN)
    return Opinion(value, f"Supertrend turned {side_word(side)} {ago(age)}")


def _moving_averages(values: Values) -> Opinion | None:
    found = known(values, "ema_50_distance_atr", "ema_50_slope_atr")
    if found is None:
        return None
    distance, slope = found
    parts = [within(distance, _FULL_DISTANCE_ATR)]
    parts += [within(values[key], full) for key, full in _FULL_SLOPES_ATR.items() if key in values]
    if "ema_50_above_200_atr" in values:
        parts.append(within(values["ema_50_above_200_atr"], _FULL_APART_ATR))
    reason = f"close {distance:+.2f} ATR from EMA 50, which moved {slope:+.2f} ATR in 5 candles"
    return Opinion(within(sum(parts), len(parts)), reason)


def _chandelier(values: Values) -> Opinion | None:
    found = known(values, "chandelier_direction")
    if found is None:
        return None
    side = within(found[0])
    distance = values.get("chandelier_distance_atr")
    if side == 0.0 or distance is None:
        return Opinion(side * _NO_ROOM, f"Chandelier stop: {side_word(side)}")
    room = within(max(side * distance, 0.0), _FULL_ROOM_ATR)
    value = side * (_NO_ROOM + (1.0 - _NO_ROOM) * room)
    return Opinion(value, f"Chandelier stop: {side_word(side)}, {abs(distance):.2f} ATR away")


def _regime(values: Values) -> Opinion | None:
    current = next((name for name in _REGIMES if values.get(name) == 1.0), None)
    if current is None:
        return None
    words, side = _REGIMES[current]
    age = values.get("regime_age_candles")
    if age is None:
        return Opinion(side * _OLD_REGIME, f"regime: {words}")
    value = side * fading(age, _REGIME_HALF_LIFE_CANDLES, _OLD_REGIME)
    return Opinion(value, f"regime: {words}, since {age:.0f} candles")


TREND = (
    VoteRule(Layer.TREND, "supertrend", "Supertrend", _supertrend),
    VoteRule(Layer.TREND, "moving_averages", "moving averages", _moving_averages),
    VoteRule(Layer.TREND, "chandelier", "Chandelier stop", _chandelier),
    VoteRule(Layer.TREND, "regime", "regime", _regime),
)
