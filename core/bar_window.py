"""Which bar is decided on, and whether the candles before it are fit for that."""

import numpy as np

from core.model.candles import CandleSeries
from core.model.signal import Outcome
from core.trading.conclusion import Conclusion
from core.trading.risk_gate import data_fault

FEWEST_CANDLES = 480
"""
To judge a bar by, itself included.

EMA(50), the slowest feature that is there without its overlay, keeps 3e-8 of its seed then.
"""


def newest_bar_ms(candles: CandleSeries, closed_ms: int) -> int:
    """
    Return the open time of the newest candle, or of the bar that closed last when it is not there.

    Args:
        candles: Of the interval that is decided on; may be empty.
        closed_ms: Feed time of the report that a bar closed.
    """
    step_ms = candles.interval.duration_ms
    if len(candles) and closed_ms - int(candles.open_time_ms[-1]) < 2 * step_ms:
        return int(candles.open_time_ms[-1])
    return candles.interval.open_time_ms(closed_ms + 1 - step_ms)


def close_at(candles: CandleSeries, bar_ms: int) -> float | None:
    """Return the close of the newest candle if it is that bar."""
    found = len(candles) > 0 and int(candles.open_time_ms[-1]) == bar_ms
    return float(candles.close[-1]) if found else None


def unfit(window: CandleSeries, closed_ms: int, *, whole: bool) -> Conclusion | None:
    """Return why nothing can be decided on a window; None where something can."""
    fault = data_fault(window, closed_ms, whole=whole)
    if fault is not None:
        return Conclusion(Outcome.STALE, fault)
    if len(window) < FEWEST_CANDLES:
        reason = f"{len(window)} candles of the {FEWEST_CANDLES} that are needed"
        return Conclusion(Outcome.NOT_READY, reason)
    return None


def since_hole(candles: CandleSeries) -> CandleSeries:
    """
    Return what came after the newest hole, where that is enough to judge by.

    A market is then as good as young; a hole any nearer leaves its mark on all there is.
    """
    holes = np.flatnonzero(np.diff(candles.open_time_ms) > candles.interval.duration_ms)
    if holes.size == 0 or len(candles) - int(holes[-1]) - 1 < FEWEST_CANDLES:
        return candles
    return candles.rows(int(holes[-1]) + 1, len(candles))


def unbroken(candles: CandleSeries) -> bool:
    """Whether no bar is missing between the first and the last."""
    if len(candles) == 0:
        return True
    times = candles.open_time_ms
    bars = (int(times[-1]) - int(times[0])) // candles.interval.duration_ms + 1
    return bars == len(candles)
