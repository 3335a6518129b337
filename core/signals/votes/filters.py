"""Votes against whatever the others lean to: when a market is not fit to be traded."""

from core.signals.votes.opinion import FilterRule, Opinion, Values, known, penalty

# The fastest and the calmest tenth of the last 240 candles; full at the very end of either.
_HOT_RANK, _HOTTEST_RANK = 0.9, 1.0
_DEAD_RANK, _DEADEST_RANK = 0.1, 0.0
# One recorded 15m candle in twenty spans two average true ranges, one in a hundred nearly three.
_LARGE_CANDLE_ATR, _HUGE_CANDLE_ATR = 2.0, 3.5
# One recorded 15m candle in ten is farther from EMA 20, or from VWAP, or RSI more one-sided.
_FAR_ATR, _FARTHEST_ATR = 2.0, 4.0
_FAR_SIGMA, _FARTHEST_SIGMA = 2.0, 3.0
_RSI_MIDDLE, _HIGH_RSI, _HIGHEST_RSI = 50.0, 20.0, 35.0
# Both ways with the taker fee and the slippage that config.yaml comes with.
_ROUND_TRIP_BPS = 12.0
# Of a stop three ATR away that is a tenth, and nearly a half.
_DEAR_ATR, _DEAREST_ATR = 0.3, 1.3
_BPS_PER_PERCENT = 100.0


def _volatility(values: Values, side: int) -> Opinion | None:
    del side
    found = known(values, "atr_14_rank_240")
    if found is None:
        return None
    rank, span = found[0], values.get("true_range_atr", 0.0)
    value = max(
        penalty(rank, _HOT_RANK, _HOTTEST_RANK),
        penalty(rank, _DEAD_RANK, _DEADEST_RANK),
        penalty(span, _LARGE_CANDLE_ATR, _HUGE_CANDLE_ATR),
    )
    return Opinion(value, f"volatility above {rank:.0%} of 240 candles, this one {span:.1f} ATR")


def _stretch(values: Values, side: int) -> Opinion | None:
    """Only the way the others lean: who buys here buys late."""
    found = known(values, "ema_20_distance_atr", "rsi_14")
    if found is None:
        return None
    distance, rsi = found
    value = max(
        penalty(side * distance, _FAR_ATR, _FARTHEST_ATR),
        penalty(side * (rsi - _RSI_MIDDLE), _HIGH_RSI, _HIGHEST_RSI),
        penalty(side * values.get("vwap_distance_sigma", 0.0), _FAR_SIGMA, _FARTHEST_SIGMA),
    )
    return Opinion(value, f"close {distance:+.2f} ATR from EMA 20, RSI {rsi:.1f}")


def _costs(values: Values, side: int) -> Opinion | None:
    """The spread is part of it where it was heard."""
    del side
    found = known(values, "atr_14_pct")
    if found is None or found[0] <= 0.0:
        return None
    costs_bps = _ROUND_TRIP_BPS + max(values.get("spread_bps", 0.0), 0.0)
    in_atr = costs_bps / (_BPS_PER_PERCENT * found[0])
    value = penalty(in_atr, _DEAR_ATR, _DEAREST_ATR)
    return Opinion(value, f"a round trip costs {costs_bps:.1f} bps, {in_atr:.2f} ATR")


FILTERS = (
    FilterRule("volatility", "volatility", _volatility),
    FilterRule("stretch", "stretch of the price", _stretch),
    FilterRule("costs", "costs beside the range", _costs),
)
