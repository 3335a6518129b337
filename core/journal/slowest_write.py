"""The slowest of the newest writes: what a lock or a tired disk looks like from inside."""

import threading
from collections import deque

RECENT_S = 60.0
"""How long a write counts as new."""


class SlowestWrite:
    """Remembers durations only while they can still be the longest; any thread may call."""

    def __init__(self) -> None:
        self._falling: deque[tuple[float, float]] = deque()  # each is slower than those after it
        self._begun_s: float | None = None
        self._lock = threading.Lock()

    def begin(self, now_s: float) -> None:
        """Take note that a write begins, by the monotonic clock."""
        with self._lock:
            self._begun_s = now_s

    def end(self, now_s: float) -> None:
        """Take note that it is over, whatever came of it."""
        with self._lock:
            if self._begun_s is None:
                return
            took_s, self._begun_s = now_s - self._begun_s, None
            while self._falling and self._falling[-1][1] <= took_s:
                self._falling.pop()
            self._falling.append((now_s, took_s))

    def slowest_ms(self, now_s: float) -> float | None:
        """Return the longest duration of the last minute, one under way included; None of none."""
        with self._lock:
            while self._falling and now_s - self._falling[0][0] > RECENT_S:
                self._falling.popleft()
            told = [took_s for _, took_s in list(self._falling)[:1]]
            if self._begun_s is not None:
                told.append(now_s - self._begun_s)
        return max(told) * 1000.0 if told else None
