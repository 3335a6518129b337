"""Which bars a series lacks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.model.candles import TimeArray
from core.model.intervals import Interval


@dataclass(frozen=True, slots=True)
class Gap:
    """
    Absent bars, by the open time of the first and of the last.

    Raises:
        ValueError: If it ends before it starts.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.end_ms < self.start_ms:
            raise ValueError(f"gap ends at {self.end_ms}, before its start {self.start_ms}")

    def bars(self, interval: Interval) -> int:
        """How many bars it spans."""
        return (self.end_ms - self.start_ms) // interval.duration_ms + 1

    def pages(self, interval: Interval, rows: int) -> Iterator["Gap"]:
        """Cut into parts of at most ``rows`` bars, oldest first."""
        step = rows * interval.duration_ms
        for start in range(self.start_ms, self.end_ms + 1, step):
            yield Gap(start, min(start + step - interval.duration_ms, self.end_ms))


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
