"""Which bars a series lacks."""

import numpy as np

from core.model.candles import TimeArray
from core.model.gap import Gap
from core.model.intervals import Interval


def gaps(open_time_ms: TimeArray, interval: Interval, start_ms: int, end_ms: int) -> list[Gap]:
    """
    Return what is absent between two bars, both included, oldest first.

    Args:
        open_time_ms: Times that are there, strictly increasing; may reach beyond the range.
        interval: Of the bars.
        start_ms: Open time of the first bar that should be there.
        end_ms: Open time of the last; before ``start_ms`` nothing is wanted.
    """
    if end_ms < start_ms:
        return []
    step = interval.duration_ms
    low, high = np.searchsorted(open_time_ms, [start_ms, end_ms + 1])
    edges = np.concatenate(([start_ms - step], open_time_ms[low:high], [end_ms + step]))
    before = np.flatnonzero(np.diff(edges) > step)
    return [Gap(int(edges[i]) + step, int(edges[i + 1]) - step) for i in before]
