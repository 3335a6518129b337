"""Feature sets to vote on: written by hand, made up, and turned upside down."""

from hypothesis import strategies as st

from core.signals.features import FEATURES

RISING = {
    "supertrend_direction": 1.0,
    "supertrend_age_candles": 0.0,
    "supertrend_distance_atr": 3.2,
    "chandelier_direction": 1.0,
    "chandelier_distance_atr": 2.5,
    "ema_20_distance_atr": 1.2,
    "ema_50_distance_atr": 2.0,
    "ema_20_slope_atr": 0.6,
    "ema_50_slope_atr": 0.3,
    "ema_50_above_200_atr": 2.0,
    "vwap_distance_sigma": 1.0,
    "regime_trend_up": 1.0,
    "regime_trend_down": 0.0,
    "regime_age_candles": 2.0,
    "rsi_14": 62.0,
    "rsi_14_change_5": 8.0,
    "macd_atr": 0.5,
    "macd_histogram_atr": 0.2,
    "structure_direction": 1.0,
    "structure_age_candles": 1.0,
    "structure_turned": 1.0,
    "donchian_position_20": 0.95,
    "range_position_50": 0.9,
    "taker_buy_share": 0.58,
    "delta_ratio_20": 0.04,
    "relative_volume_20": 2.5,
    "body_atr": 0.9,
    "book_imbalance_mean": 0.2,
    "book_imbalance_last": 0.3,
    "heard_share": 1.0,
    "sweep_below_age_candles": 4.0,
    "liquidity_above_atr": 20.0,
    "alignment_score": 0.4,
    "alignment_1h": 0.7,
    "atr_14": 2.0,
    "atr_14_pct": 0.5,
    "atr_14_rank_240": 0.6,
    "true_range_atr": 1.2,
    "swing_low_distance_atr": 2.0,
    "swing_low_age_candles": 9.0,
}
_ONE_SIDED = (
    "supertrend_direction",
    "supertrend_distance_atr",
    "chandelier_direction",
    "chandelier_distance_atr",
    "ema_20_distance_atr",
    "ema_50_distance_atr",
    "ema_20_slope_atr",
    "ema_50_slope_atr",
    "ema_50_above_200_atr",
    "vwap_distance_sigma",
    "rsi_14_change_5",
    "macd_atr",
    "macd_histogram_atr",
    "structure_direction",
    "delta_ratio_20",
    "absorption_side",
    "divergence_side",
    "body_atr",
    "book_imbalance_mean",
    "book_imbalance_last",
    "alignment_score",
    "alignment_1m",
    "alignment_5m",
    "alignment_15m",
    "alignment_1h",
    "alignment_4h",
    "alignment_1d",
)
_AROUND = {
    "rsi_14": 100.0,
    "taker_buy_share": 1.0,
    "donchian_position_20": 1.0,
    "range_position_50": 1.0,
}
_PAIRS = (
    ("regime_trend_up", "regime_trend_down"),
    ("sweep_above_age_candles", "sweep_below_age_candles"),
    ("liquidity_above_atr", "liquidity_below_atr"),
    ("order_block_above_atr", "order_block_below_atr"),
)
_REGIMES = [name for name, spec in FEATURES.items() if spec.unit == "flag" and "regime" in name]


def upside_down(values):
    """The same market with its price turned around the close, as far as votes look at it."""
    turned = {name: -v if name in _ONE_SIDED else v for name, v in values.items()}
    turned |= {name: whole - values[name] for name, whole in _AROUND.items() if name in values}
    pairs = (*_PAIRS, *((b, a) for a, b in _PAIRS))
    for name, _ in pairs:
        turned.pop(name, None)
    turned |= {other: values[name] for name, other in pairs if name in values}
    for name, other in (("low", "high"), ("high", "low")):
        turned.pop(f"swing_{name}_distance_atr", None)
        if f"swing_{other}_distance_atr" in values:
            turned[f"swing_{name}_distance_atr"] = -values[f"swing_{other}_distance_atr"]
    return turned


def _number(spec):
    low = -1e6 if spec.low is None else spec.low
    high = 1e6 if spec.high is None else spec.high
    if spec.unit in ("flag", "direction"):
        return st.integers(int(low), int(high)).map(float)
    return st.floats(low, high)


def _of_one_regime(values):
    """A market is of one kind, not of several."""
    flags = [name for name, value in values.items() if name in _REGIMES and value == 1.0]
    return values | dict.fromkeys(flags[1:], 0.0)


any_values = st.fixed_dictionaries(
    {}, optional={name: _number(spec) for name, spec in FEATURES.items()}
).map(_of_one_regime)
"""Any number that a feature may be; any of them may be missing."""
