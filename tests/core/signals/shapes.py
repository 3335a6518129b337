"""Shapes as overlays draw them, written by hand for one market."""

import numpy as np

from core.model.candles import CandleSeries
from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.market_view import MarketView
from core.model.shapes import Line, Ribbon, RibbonState, Tone
from core.signals.feature_input import FeatureInput
from tests.builders import candles


def seen(shapes, closes=(100.0,) * 300, **view):
    """What a group sees of a flat market whose average true range is 2."""
    market = closes if isinstance(closes, CandleSeries) else candles(closes)
    unit = {"atr": (Line("ATR", np.full(len(market), 2.0)),)}
    return FeatureInput(MarketView(market, **view), unit | shapes)


def line(name, value, direction=None, n=300):
    side = None if direction is None else np.full(n, direction, dtype=np.int8)
    return Line(name, np.full(n, float(value)), side)


def marks(name, ago, side, price=100.0, market=None):
    """Events so many candles before the newest one, oldest first."""
    times = (candles((100.0,) * 300) if market is None else market).open_time_ms
    at_ms = times[[-1 - candle for candle in ago]]
    return Markers(
        name,
        Look.DOT,
        np.full(len(ago), side, dtype=np.int8),
        at_ms,
        at_ms + 59_999,
        np.full(len(ago), float(price)),
    )


def zones(name, side, ranges, *, swept=(), strength=0.5):
    """Live ranges, but for those that were swept so many candles ago."""
    times = candles((100.0,) * 300).open_time_ms
    n = len(ranges)
    ended = np.full(n, NEVER_MS, dtype=np.int64)
    for row, ago in enumerate(swept):
        ended[row] = times[-1 - ago] + 59_999
    return Zones(
        name,
        np.full(n, side, dtype=np.int8),
        np.full(n, times[0]),
        np.full(n, times[5] + 59_999),
        ended,
        np.array([low for low, _ in ranges]),
        np.array([high for _, high in ranges]),
        np.full(n, strength),
        {"swept": ended.copy()},
    )


def ribbon(name, keys, codes, strength=None):
    states = tuple(RibbonState(key, key, Tone.QUIET) for key in keys)
    weight = None if strength is None else np.full(len(codes), strength)
    return Ribbon(name, np.array(codes, dtype=np.int8), states, weight)
