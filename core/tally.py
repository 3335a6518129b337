"""Counts for whoever asks later: how often, and how long; any thread may add."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

SECONDS: Final = (0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds for what takes from a millisecond to the longest patience we have with anybody."""


class Tally(Generic[Key]):
    """Sums by key that only grow; whoever adds sees to it that the keys are few."""

    def __init__(self) -> None:
        self._sums: Counter[Key] = Counter()
        self._lock = threading.Lock()

    def add(self, key: Key, amount: float = 1) -> None:
        """
        Add to one sum.

        Raises:
            ValueError: If the amount is negative or no number.
        """
        if not amount >= 0:
            raise ValueError(f"amount must be at least 0, was {amount}")
        with self._lock:
            self._sums[key] += amount  # type: ignore[assignment] # a Counter holds floats as well

    def sums(self) -> Mapping[Key, float]:
        """Return all of them as they are now."""
        with self._lock:
            return dict(self._sums)


@dataclass(frozen=True, slots=True)
class Spread:
    """
    How values are distributed.

    Attributes:
        bounds: Rising.
        counts: How many values were at most each bound, and last how many there were.
        total: Their sum.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: float

    def __post_init__(self) -> None:
        if len(self.counts) != len(self.bounds) + 1 or list(self.counts) != sorted(self.counts):
            raise ValueError(f"counts {self.counts} do not fit the bounds {self.bounds}")


class Distribution:
    """
    Counts values by how large they are, without keeping them.

    Args:
        bounds: Rising; a value is counted with the first that it does not exceed.
    """

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        if list(bounds) != sorted(set(bounds)):
            raise ValueError(f"bounds must rise, were {bounds}")
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0
        self._lock = threading.Lock()

    def add(self, value: float) -> None:
        """Count a value; one below zero, as of a clock that was set back, counts as zero."""
        value = max(value, 0.0)
        with self._lock:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._total += value

    def spread(self) -> Spread:
        """Return what was counted so far."""
        with self._lock:
            return Spread(self._bounds, tuple(accumulate(self._counts)), self._total)
