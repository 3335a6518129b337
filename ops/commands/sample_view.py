"""A small market that was never traded, to see what an overlay draws."""

import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView

_CANDLES = 400
_SWING_CANDLES = 40


def sample_view() -> MarketView:
    """Return candles of a wave, with as many bars of each other interval up to the same close."""
    end_ms = 20_000 * Interval.D1.duration_ms
    series = {interval: _wave(interval, end_ms) for interval in Interval}
    return MarketView(series.pop(Interval.M1), series)


def _wave(interval: Interval, end_ms: int) -> CandleSeries:
    rows = np.arange(_CANDLES)
    close = 100.0 + np.sin(rows * (2.0 * np.pi / _SWING_CANDLES))
    volume = np.full(_CANDLES, 10.0)
    return CandleSeries(
        "SAMPLE",
        interval,
        end_ms + (rows - _CANDLES) * interval.duration_ms,
        close,
        close + 0.1,
        close - 0.1,
        close,
        volume,
        volume * close,
        np.ones(_CANDLES, dtype=np.int64),
        volume / 2.0,
        volume * close / 2.0,
    )
