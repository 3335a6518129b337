"""Which way price has been going, and how far it is from where it usually is."""

import math
from functools import partial

import numpy as np

from core.indicators.anchored_values import wilder_memory
from core.indicators.directional import adx, directional_indicators, signed_efficiency
from core.model.features import FeatureGroup, FeatureSpec
from core.model.shapes import Band, Line
from core.overlays.ema import OVERLAY as EMA
from core.signals.feature_input import FeatureFamily, FeatureInput, newest, ratio, within

_SLOPE_CANDLES = 5
_LINE_CANDLES = 20
_RANGE_CANDLES = 50
_EFFICIENCY_CANDLES = 10
_DI_PERIOD = 14
# Wilder's mean has then forgotten what was before, the mean of that mean as well.
_DI_CANDLES = wilder_memory(_DI_PERIOD) + 2 * _DI_PERIOD
# Supertrend is settled half a day earlier in a window of a day of minutes.
_LONGEST_AGE_CANDLES = 480
_TURNS = ("Supertrend turns up", "Supertrend turns down")


def _trend(seen: FeatureInput) -> dict[str, float]:
    return {
        **_supertrend(seen),
        **_chandelier(seen),
        **_averages(seen),
        **_vwap(seen),
        **_directional(seen),
        "efficiency_10": newest(
            signed_efficiency(seen.candles.close[-1 - _EFFICIENCY_CANDLES :], _EFFICIENCY_CANDLES)
        ),
        "slope_20_atr": seen.in_atr(_slope(seen)),
        "donchian_position_20": _donchian_position(seen),
        "range_position_50": _range_position(seen),
    }


def _supertrend(seen: FeatureInput) -> dict[str, float]:
    line = seen.shape("supertrend", Line, "Supertrend")
    if line is None or line.direction is None or line.direction[-1] == 0:
        direction = value = age = math.nan
    else:
        direction, value = float(line.direction[-1]), float(line.y[-1])
        age = _age(seen)
    return {
        "supertrend_direction": direction,
        "supertrend_distance_atr": seen.in_atr(seen.close - value),
        "supertrend_age_candles": age,
    }


def _age(seen: FeatureInput) -> float:
    turn = seen.last_mark("supertrend", _TURNS, _LONGEST_AGE_CANDLES)
    if turn is not None:
        return float(turn.age_candles)
    return float(_LONGEST_AGE_CANDLES) if len(seen.candles) > _LONGEST_AGE_CANDLES else math.nan


def _chandelier(seen: FeatureInput) -> dict[str, float]:
    """Of the stop in force; where neither is, there is no distance."""
    direction, stop = math.nan, math.nan
    for name in ("Chandelier long", "Chandelier short"):
        line = seen.shape("chandelier_exit", Line, name)
        if line is None or line.direction is None or math.isnan(line.y[-1]):
            continue
        if math.isnan(direction):
            direction = 0.0
        if line.direction[-1] != 0:
            direction, stop = float(line.direction[-1]), float(line.y[-1])
    return {
        "chandelier_direction": direction,
        "chandelier_distance_atr": seen.in_atr(seen.close - stop),
    }


def _averages(seen: FeatureInput) -> dict[str, float]:
    fast, middle, slow = (seen.value("ema", f"EMA {period}") for period in (20, 50, 200))
    if len(seen.candles) <= EMA.warm_up_candles(EMA.defaults, seen.candles.interval):
        slow = math.nan  # after 480 candles 6 % of it would be where the window began
    before = [seen.value("ema", f"EMA {period}", _SLOPE_CANDLES) for period in (20, 50)]
    return {
        "ema_20_distance_atr": seen.in_atr(seen.close - fast),
        "ema_50_distance_atr": seen.in_atr(seen.close - middle),
        "ema_200_distance_atr": seen.in_atr(seen.close - slow),
        "ema_20_slope_atr": seen.in_atr(fast - before[0]),
        "ema_50_slope_atr": seen.in_atr(middle - before[1]),
        "ema_50_above_200_atr": seen.in_atr(middle - slow),
    }


def _vwap(seen: FeatureInput) -> dict[str, float]:
    vwap = seen.value("vwap", "VWAP")
    band = seen.shape("vwap", Band, "VWAP 1 \N{GREEK SMALL LETTER SIGMA}")
    deviation = math.nan if band is None else newest(band.upper) - vwap
    return {
        "vwap_distance_atr": seen.in_atr(seen.close - vwap),
        "vwap_distance_sigma": ratio(seen.close - vwap, deviation),
    }


def _directional(seen: FeatureInput) -> dict[str, float]:
    """Of a fixed number of candles, so that where the view begins does not matter."""
    candles = seen.candles
    high, low, close = (c[-_DI_CANDLES:] for c in (candles.high, candles.low, candles.close))
    plus = minus = strength = math.nan
    if close.size >= 2 * _DI_PERIOD:  # the first value of the second smoothing
        plus, minus = map(newest, directional_indicators(high, low, close, _DI_PERIOD))
        strength = newest(adx(high, low, close, _DI_PERIOD))
    named = {"adx_14": strength, "plus_di_14": plus, "minus_di_14": minus}
    return {name: within(value, 0.0, 100.0) for name, value in named.items()}


def _slope(seen: FeatureInput) -> float:
    """Slope of the least-squares line through the newest closes, in price per candle."""
    close = seen.candles.close[-_LINE_CANDLES:]
    if close.size < _LINE_CANDLES:
        return math.nan
    place = np.arange(_LINE_CANDLES) - (_LINE_CANDLES - 1) / 2.0
    return float(place @ (close - close[-1]) / (place @ place))


def _donchian_position(seen: FeatureInput) -> float:
    channel = seen.shape("donchian", Band, "Donchian")
    if channel is None:
        return math.nan
    low = newest(channel.lower)
    return within(ratio(seen.close - low, newest(channel.upper) - low), 0.0, 1.0)


def _range_position(seen: FeatureInput) -> float:
    """Where the close stands between the extremes of the last candles: 0 low, 1 high."""
    lows, highs = seen.candles.low[-_RANGE_CANDLES:], seen.candles.high[-_RANGE_CANDLES:]
    if lows.size < _RANGE_CANDLES:
        return math.nan
    low, high = float(lows.min()), float(highs.max())
    return ratio(seen.close - low, high - low)


_spec = partial(FeatureSpec, FeatureGroup.TREND)

TREND = FeatureFamily(
    FeatureGroup.TREND,
    (
        _spec("supertrend_direction", "direction", -1, 1, "supertrend", "side Supertrend is on"),
        _spec(
            "supertrend_distance_atr",
            "ATR",
            None,
            None,
            "supertrend",
            "close less the Supertrend line",
        ),
        _spec(
            "supertrend_age_candles",
            "candles",
            0,
            _LONGEST_AGE_CANDLES,
            "supertrend",
            "since Supertrend turned, 0 for just now; 480 where that is longer ago",
        ),
        _spec(
            "chandelier_direction",
            "direction",
            -1,
            1,
            "chandelier_exit",
            "side of the stop in force; 0 where neither is",
        ),
        _spec(
            "chandelier_distance_atr",
            "ATR",
            None,
            None,
            "chandelier_exit",
            "close less the stop in force",
        ),
        _spec("ema_20_distance_atr", "ATR", None, None, "ema", "close less EMA 20"),
        _spec("ema_50_distance_atr", "ATR", None, None, "ema", "close less EMA 50"),
        _spec("ema_200_distance_atr", "ATR", None, None, "ema", "close less EMA 200"),
        _spec("ema_20_slope_atr", "ATR", None, None, "ema", "change of EMA 20 in 5 candles"),
        _spec("ema_50_slope_atr", "ATR", None, None, "ema", "change of EMA 50 in 5 candles"),
        _spec("ema_50_above_200_atr", "ATR", None, None, "ema", "EMA 50 less EMA 200"),
        _spec("vwap_distance_atr", "ATR", None, None, "vwap", "close less the VWAP of the UTC day"),
        _spec(
            "vwap_distance_sigma",
            "deviations",
            None,
            None,
            "vwap",
            "close less VWAP in standard deviations of the day's volume",
        ),
        _spec("adx_14", "points", 0, 100, "candles", "strength of the trend (Wilder)"),
        _spec(
            "plus_di_14",
            "%",
            0,
            100,
            "candles",
            "share of the true range that made new ground upwards (Wilder)",
        ),
        _spec(
            "minus_di_14",
            "%",
            0,
            100,
            "candles",
            "share of the true range that made new ground downwards (Wilder)",
        ),
        _spec(
            "efficiency_10",
            "share",
            -1,
            1,
            "candles",
            "way price came over the way it went (Kaufman), signed",
        ),
        _spec(
            "slope_20_atr",
            "ATR per candle",
            None,
            None,
            "candles",
            "slope of the least-squares line through 20 closes",
        ),
        _spec(
            "donchian_position_20",
            "share",
            0,
            1,
            "donchian",
            "place of the close in the channel, 1 at its top",
        ),
        _spec(
            "range_position_50",
            "share",
            0,
            1,
            "candles",
            "place of the close in the range of 50 candles, 1 at its top",
        ),
    ),
    _trend,
)
