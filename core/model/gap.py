"""Absent bars."""

from collections.abc import Iterator
from dataclasses import dataclass

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
