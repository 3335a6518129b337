"""How long the page's server takes to answer."""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from ops.health.rule import Observation, not_known

WINDOW_S: Final = 300.0
LEAST: Final = 20
"""Answers; the 95th percentile of fewer is their worst, and the first one is slow."""
_MOST: Final = 2_000
_QUANTILE: Final = 0.95


class AnswerTimes:
    """Durations of the newest answers; of one event loop."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._times: deque[tuple[float, float]] = deque(maxlen=_MOST)

    def add(self, took_s: float) -> None:
        """Take note of an answer that was just given."""
        self._times.append((self._monotonic(), took_s))

    def page(self) -> Observation:
        """Return the 95th percentile, by nearest rank, of the last minutes in milliseconds."""
        oldest_s = self._monotonic() - WINDOW_S
        took = sorted(took_s for at_s, took_s in self._times if at_s >= oldest_s)
        if len(took) < LEAST:
            return not_known(f"{len(took)} answers in {WINDOW_S / 60:.0f} min; {LEAST} are needed")
        p95_ms = took[math.ceil(_QUANTILE * len(took)) - 1] * 1000.0
        return Observation(f"95 % of {len(took)} answers within {p95_ms:,.0f} ms", p95_ms)
