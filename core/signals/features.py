"""From closed candles and overlay shapes to the named numbers a decision is made from."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.indicators.averages import ema, relative_volume
from core.indicators.volatility import atr
from core.model.candles import CandleSeries, FloatArray
from core.model.events import Markers
from core.model.features import FeatureSet
from core.model.shapes import Line, Shape

_ATR_PERIOD = 14
_FLOW_CANDLES = 20
_RANGE_CANDLES = 50
_SLOPE_CANDLES = 5


def candle_features(candles: CandleSeries, shapes: Mapping[str, Sequence[Shape]]) -> FeatureSet:
    """
    Features of the newest of ``candles``.

    Distances and slopes are in units of ATR(14), so that one rule fits every market;
    ``_pct`` are percent of price, shares and positions are fractions of 1. What cannot
    be computed (warm-up, nothing traded, an overlay that failed) is listed as missing.

    Args:
        candles: Closed candles without gaps, oldest first. Equal features need windows
            of equal length: the generator always passes the same one for a bar.
        shapes: By overlay key, computed on the same candles.
    """
    unit = atr(candles.high, candles.low, candles.close, _ATR_PERIOD)
    raw = {
        **_supertrend(candles, shapes.get("supertrend", ()), _last(unit)),
        **_trend(candles.close, _last(unit)),
        "atr_14": _last(unit),
        "atr_14_pct": 100.0 * _ratio(_last(unit), _last(candles.close)),
        **_returns(candles.close),
        "range_position_50": _range_position(candles),
        "relative_volume_20": _last(relative_volume(candles.volume, _FLOW_CANDLES)),
        "taker_buy_share": _share(candles, 1),
        "delta_ratio_20": 2.0 * _share(candles, _FLOW_CANDLES) - 1.0,
    }
    return FeatureSet.of(raw)


def _supertrend(candles: CandleSeries, shapes: Sequence[Shape], unit: float) -> dict[str, float]:
    line = next((shape for shape in shapes if isinstance(shape, Line)), None)
    known = line is not None and line.direction is not None and line.y.size > 0
    if not known or line is None or line.direction is None or line.direction[-1] == 0:
        direction = value = age = math.nan
    else:
        direction, value = float(line.direction[-1]), float(line.y[-1])
        turns = [shape for shape in shapes if isinstance(shape, Markers) and len(shape)]
        flip_ms = max((int(shape.at_ms[-1]) for shape in turns), default=None)
        newest_ms = int(candles.open_time_ms[-1])
        age = math.nan if flip_ms is None else (newest_ms - flip_ms) / candles.interval.duration_ms
    return {
        "supertrend_direction": direction,
        "supertrend_distance_atr": _ratio(_last(candles.close) - value, unit),
        "supertrend_age_candles": age,
    }


def _trend(close: FloatArray, unit: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for period in (20, 50):
        mean = ema(close, period)
        found[f"ema_{period}_distance_atr"] = _ratio(_last(close) - _last(mean), unit)
        found[f"ema_{period}_slope_atr"] = _ratio(_last(mean) - _last(mean, _SLOPE_CANDLES), unit)
    return found


def _returns(close: FloatArray) -> dict[str, float]:
    return {
        f"return_{lag}_pct": 100.0 * (_ratio(_last(close), _last(close, lag)) - 1.0)
        for lag in (1, 5, 20)
    }


def _range_position(candles: CandleSeries) -> float:
    """Where the close stands between the extremes of the last candles: 0 low, 1 high."""
    if len(candles) < _RANGE_CANDLES:
        return math.nan
    low = float(np.min(candles.low[-_RANGE_CANDLES:]))
    high = float(np.max(candles.high[-_RANGE_CANDLES:]))
    return _ratio(_last(candles.close) - low, high - low)


def _share(candles: CandleSeries, n: int) -> float:
    """Share of the volume of the last ``n`` candles that takers bought."""
    if len(candles) < n:
        return math.nan
    return _ratio(float(np.sum(candles.taker_buy_volume[-n:])), float(np.sum(candles.volume[-n:])))


def _last(values: FloatArray, lag: int = 0) -> float:
    return float(values[-1 - lag]) if values.size > lag else math.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else math.nan
