"""Votes on order flow and liquidity."""

from core.model.signal import Layer
from core.signals.votes.opinion import (
    Opinion,
    Values,
    VoteRule,
    ago,
    freshness,
    known,
    within,
)

# Takers of one 15m candle rarely buy more than 65 % of it, those of 20 candles not 55 %.
_FULL_SHARE = 0.15
_FULL_DELTA_RATIO = 0.1
_EVENT_HALF_LIFE_CANDLES = 5.0
_EVENT_SHARE = 0.5
# Three times the usual volume speaks as loud as volume can, in a body of one ATR.
_FULL_EXCESS_VOLUME = 2.0
# Bids and asks at the best prices lean by a third often enough for it to mean nothing more.
_FULL_IMBALANCE = 0.5
_SWEEP_HALF_LIFE_CANDLES = 6.0
_LIQUIDITY = ("liquidity_above_atr", "liquidity_below_atr")
_SWEEPS = (("above", "sweep_above_age_candles", -1.0), ("below", "sweep_below_age_candles", 1.0))


def _taker_flow(values: Values) -> Opinion | None:
    found = known(values, "taker_buy_share", "delta_ratio_20")
    if found is None:
        return None
    share, delta = found
    value = (within(share - 0.5, _FULL_SHARE) + within(delta, _FULL_DELTA_RATIO)) / 2.0
    reason = f"takers bought {share:.0%} of the volume, net {delta:+.1%} in 20 candles"
    for name in ("absorption", "divergence"):
        event = known(values, f"{name}_side", f"{name}_age_candles")
        if event is not None:
            side, age = event
            value += _EVENT_SHARE * within(side) * freshness(age, _EVENT_HALF_LIFE_CANDLES)
            reason += f"; {name} {'for buyers' if side > 0.0 else 'for sellers'} {ago(age)}"
    return Opinion(within(value), reason)


def _volume(values: Values) -> Opinion | None:
    found = known(values, "relative_volume_20", "body_atr")
    if found is None:
        return None
    relative, body = found
    excess = within(max(relative - 1.0, 0.0), _FULL_EXCESS_VOLUME)
    reason = f"volume is {relative:.2f} times its mean of 20 candles, body {body:+.2f} ATR"
    return Opinion(excess * within(body), reason)


def _book(values: Values) -> Opinion | None:
    found = known(values, "book_imbalance_mean", "book_imbalance_last")
    if found is None:
        return None
    mean, last = found
    heard = min(max(values.get("heard_share", 0.0), 0.0), 1.0)
    value = heard * within((mean + last) / 2.0, _FULL_IMBALANCE)
    reason = f"book leans {mean:+.2f}, {last:+.2f} at the end; {heard:.0%} of the candle heard"
    return Opinion(value, reason)


def _liquidity(values: Values) -> Opinion | None:
    """Stops that were just taken below leave sellers without fuel, those above buyers."""
    swept = [(words, values[key], side) for words, key, side in _SWEEPS if key in values]
    if not swept:
        any_zone = any(name in values for name in _LIQUIDITY)
        return Opinion(0.0, "no liquidity was swept lately") if any_zone else None
    value = sum(side * freshness(age, _SWEEP_HALF_LIFE_CANDLES) for _, age, side in swept)
    told = ", ".join(f"{words} swept {ago(age)}" for words, age, _ in swept)
    return Opinion(within(value), f"liquidity {told}")


FLOW = (
    VoteRule(Layer.FLOW, "taker_flow", "taker flow", _taker_flow),
    VoteRule(Layer.FLOW, "volume", "volume", _volume),
    VoteRule(Layer.FLOW, "book", "order book", _book),
    VoteRule(Layer.FLOW, "liquidity", "liquidity", _liquidity),
)
