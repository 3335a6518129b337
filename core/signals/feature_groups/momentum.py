"""How fast price has been moving, and whether it gathers pace."""

import math
from functools import partial

import numpy as np

from core.model.features import FeatureGroup, FeatureSpec
from core.model.shapes import Bars
from core.signals.feature_input import FeatureFamily, FeatureInput, newest, ratio

_LAGS = (1, 5, 20, 60)
_CHANGE_CANDLES = 5
_LONGEST_STREAK = 20


def _momentum(seen: FeatureInput) -> dict[str, float]:
    rsi = seen.value("rsi", "RSI")
    histogram = seen.shape("macd", Bars, "Histogram")
    opened, high, low = (
        newest(column) for column in (seen.candles.open, seen.candles.high, seen.candles.low)
    )
    return {
        "rsi_14": rsi,
        "rsi_14_change_5": rsi - seen.value("rsi", "RSI", _CHANGE_CANDLES),
        "macd_atr": seen.in_atr(seen.value("macd", "MACD")),
        "macd_histogram_atr": seen.in_atr(math.nan if histogram is None else newest(histogram.y)),
        **{f"return_{lag}_pct": _return_pct(seen, lag) for lag in _LAGS},
        "streak_candles": _streak(seen),
        "body_atr": seen.in_atr(seen.close - opened),
        "close_position_1": ratio(seen.close - low, high - low),
    }


def _return_pct(seen: FeatureInput, lag: int) -> float:
    return 100.0 * (ratio(seen.close, newest(seen.candles.close, lag)) - 1.0)


def _streak(seen: FeatureInput) -> float:
    """Closes in a row that went the way of the newest one, with its sign."""
    close = seen.candles.close[-1 - _LONGEST_STREAK :]
    if close.size < 2:  # noqa: PLR2004 - a change needs two closes
        return math.nan
    moves = np.sign(np.diff(close))[::-1]
    if np.isnan(moves[0]):
        return math.nan
    others = np.flatnonzero(moves != moves[0])
    return float(moves[0]) * float(others[0] if others.size else moves.size)


_spec = partial(FeatureSpec, FeatureGroup.MOMENTUM)

MOMENTUM = FeatureFamily(
    FeatureGroup.MOMENTUM,
    (
        _spec("rsi_14", "points", 0, 100, "rsi", "relative strength index"),
        _spec("rsi_14_change_5", "points", -100, 100, "rsi", "change of the index in 5 candles"),
        _spec("macd_atr", "ATR", None, None, "macd", "EMA 12 less EMA 26"),
        _spec("macd_histogram_atr", "ATR", None, None, "macd", "MACD less its signal"),
        *(
            _spec(
                f"return_{lag}_pct", "%", -100, None, "candles", f"change of the close, {lag} back"
            )
            for lag in _LAGS
        ),
        _spec(
            "streak_candles",
            "candles",
            -_LONGEST_STREAK,
            _LONGEST_STREAK,
            "candles",
            "closes in a row that rose (or fell, negative), 20 at most",
        ),
        _spec("body_atr", "ATR", None, None, "candles", "close less open"),
        _spec("close_position_1", "share", 0, 1, "candles", "place of the close in its candle"),
    ),
    _momentum,
)
