"""Votes on momentum and structure."""

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

# Around 50, where RSI takes no side. Recorded 15m markets are beyond 70 or 30 one bar in twenty.
_RSI_MIDDLE, _FULL_RSI = 50.0, 20.0
_FULL_RSI_CHANGE = 15.0
_RSI_LEVEL_SHARE = 0.7
# Nine of ten recorded 15m candles have less.
_FULL_MACD_ATR = 1.0
_FULL_HISTOGRAM_ATR = 0.3
# Half of the breaks of recorded 15m markets are followed by another one within 11 candles.
_BREAK_HALF_LIFE_CANDLES = 6.0
_OLD_BREAK = 0.15


def _rsi(values: Values) -> Opinion | None:
    found = known(values, "rsi_14")
    if found is None:
        return None
    level = found[0]
    change = values.get("rsi_14_change_5", 0.0)
    value = _RSI_LEVEL_SHARE * within(level - _RSI_MIDDLE, _FULL_RSI)
    value += (1.0 - _RSI_LEVEL_SHARE) * within(change, _FULL_RSI_CHANGE)
    return Opinion(within(value), f"RSI {level:.1f}, {change:+.1f} in 5 candles")


def _macd(values: Values) -> Opinion | None:
    found = known(values, "macd_atr", "macd_histogram_atr")
    if found is None:
        return None
    line, histogram = found
    value = (within(line, _FULL_MACD_ATR) + within(histogram, _FULL_HISTOGRAM_ATR)) / 2.0
    return Opinion(value, f"MACD {line:+.2f} ATR, {histogram:+.2f} from its signal")


def _structure(values: Values) -> Opinion | None:
    found = known(values, "structure_direction", "structure_age_candles")
    if found is None:
        return None
    side, age = found
    turned = values.get("structure_turned") == 1.0
    words = "change of character" if turned else "break of structure"
    value = within(side) * fading(age, _BREAK_HALF_LIFE_CANDLES, _OLD_BREAK)
    return Opinion(value, f"{words} {side_word(side)} {ago(age)}")


def _channel(values: Values) -> Opinion | None:
    found = known(values, "donchian_position_20", "range_position_50")
    if found is None:
        return None
    short, long = found
    reason = f"close at {short:.0%} of the channel of 20 candles, {long:.0%} of that of 50"
    return Opinion(within(short + long - 1.0), reason)


MOMENTUM = (
    VoteRule(Layer.MOMENTUM, "rsi", "RSI", _rsi),
    VoteRule(Layer.MOMENTUM, "macd", "MACD", _macd),
    VoteRule(Layer.MOMENTUM, "structure", "market structure", _structure),
    VoteRule(Layer.MOMENTUM, "channel", "place in the channel", _channel),
)
