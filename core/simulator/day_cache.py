"""A bounded memory of computed days."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Day = TypeVar("Day")


class DayCache(Generic[Day]):
    """
    Keeps the most recently used days; threads may share it.

    Two threads that miss the same day both compute it: the result is the same, so that
    is only wasted work, while holding the lock would stop the streams.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._days: OrderedDict[tuple[str, int], Day] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._days)

    def held(self, symbol: str, day: int) -> Day | None:
        """Return the day if it is in memory."""
        with self._lock:
            return self._days.get((symbol, day))

    def fetch(self, symbol: str, day: int, compute: Callable[[str, int], Day]) -> Day:
        """Return the day from memory, or compute and keep it."""
        key = (symbol, day)
        with self._lock:
            if key in self._days:
                self._days.move_to_end(key)
                return self._days[key]
        made = compute(symbol, day)
        with self._lock:
            self._days[key] = made
            self._days.move_to_end(key)
            while len(self._days) > self._capacity:
                self._days.popitem(last=False)
        return made
