"""How far price moves, and whether that is much for this market."""

import math
from functools import partial

import numpy as np

from core.indicators.volatility import true_range
from core.model.features import FeatureGroup, FeatureSpec
from core.model.shapes import Band
from core.signals.feature_input import FeatureFamily, FeatureInput, newest, ratio

_RANK_CANDLES = 240
_SHORT_CANDLES = 20
_LONG_CANDLES = 100


def _volatility(seen: FeatureInput) -> dict[str, float]:
    candles = seen.candles
    moved = true_range(candles.high[-2:], candles.low[-2:], candles.close[-2:])
    short, long = _deviation_pct(seen, _SHORT_CANDLES), _deviation_pct(seen, _LONG_CANDLES)
    return {
        "atr_14": newest(seen.atr),
        "atr_14_pct": 100.0 * ratio(newest(seen.atr), seen.close),
        "atr_14_rank_240": _rank(seen),
        "true_range_atr": seen.in_atr(newest(moved)),
        "realized_volatility_20_pct": short,
        "volatility_ratio_20_100": ratio(short, long),
        **_bollinger(seen),
    }


def _rank(seen: FeatureInput) -> float:
    """Share of earlier average true ranges below the newest; an equal one counts half."""
    atr = seen.atr[-1 - _RANK_CANDLES :]
    if atr.size <= _RANK_CANDLES or math.isnan(atr[0]):
        return math.nan
    below, above = np.count_nonzero(atr < atr[-1]), np.count_nonzero(atr > atr[-1])
    return 0.5 + (int(below) - int(above)) / (2.0 * _RANK_CANDLES)


def _deviation_pct(seen: FeatureInput, candles: int) -> float:
    """Standard deviation of the newest logarithmic returns, in percent; their mean counts as 0."""
    close = seen.candles.close[-1 - candles :]
    if close.size <= candles or not bool(np.all(close > 0.0)):
        return math.nan
    returns = np.log(close[1:] / close[:-1])
    return 100.0 * math.sqrt(float(returns @ returns) / candles)


def _bollinger(seen: FeatureInput) -> dict[str, float]:
    band = seen.shape("bollinger", Band, "Bollinger")
    upper, lower = (math.nan,) * 2 if band is None else (newest(band.upper), newest(band.lower))
    return {
        "bollinger_width_atr": seen.in_atr(upper - lower),
        "bollinger_position_20": ratio(seen.close - lower, upper - lower),
    }


_spec = partial(FeatureSpec, FeatureGroup.VOLATILITY)

VOLATILITY = FeatureFamily(
    FeatureGroup.VOLATILITY,
    (
        _spec("atr_14", "quote currency", 0, None, "atr", "average true range: the unit ATR"),
        _spec("atr_14_pct", "%", 0, None, "atr", "average true range, of the close"),
        _spec(
            "atr_14_rank_240",
            "share",
            0,
            1,
            "atr",
            "share of the 240 earlier average true ranges that are smaller",
        ),
        _spec("true_range_atr", "ATR", 0, None, "candles", "true range of the candle"),
        _spec(
            "realized_volatility_20_pct",
            "%",
            0,
            None,
            "candles",
            "root of the mean squared logarithmic return of 20 candles",
        ),
        _spec(
            "volatility_ratio_20_100",
            "ratio",
            0,
            None,
            "candles",
            "volatility of 20 candles over that of 100",
        ),
        _spec("bollinger_width_atr", "ATR", 0, None, "bollinger", "upper less lower band"),
        _spec(
            "bollinger_position_20",
            "share",
            None,
            None,
            "bollinger",
            "place of the close between the bands, 1 at the upper one (%b)",
        ),
    ),
    _volatility,
)
