"""
Times a computation and keeps the readings until somebody stores them.

Memory is measured by tracemalloc, which slows every allocation of the process
while it is on. So only each ``sample_every``-th computation of a feature is
measured, beginning with the first, by running it a second time with tracing on
just for that run: latencies are always those of an untraced run. Other threads'
allocations during the traced run count too; the peak is an upper bound.
"""

import time
import tracemalloc
from collections import Counter, deque
from collections.abc import Callable
from typing import TypeVar

from core.model.candles import CandleSeries
from core.model.telemetry import Reading

T = TypeVar("T")

_MOST_READINGS = 10_000


class Telemetry:
    """
    Measure pure computations; not shared between threads.

    Args:
        monotonic: Seconds, for latencies only.
        sample_every: Every how many computations of a feature its memory is measured.

    Attributes:
        dropped: Readings lost because nobody drained; the oldest go first.
    """

    def __init__(
        self, *, monotonic: Callable[[], float] = time.perf_counter, sample_every: int = 50
    ) -> None:
        if sample_every < 1:
            raise ValueError(f"sample_every must be at least 1, was {sample_every}")
        self._monotonic = monotonic
        self._sample_every = sample_every
        self._computations: Counter[str] = Counter()
        self._readings: deque[Reading] = deque(maxlen=_MOST_READINGS)
        self.dropped = 0

    def measure(self, feature: str, series: CandleSeries, compute: Callable[[], T]) -> T:
        """
        Run ``compute``, which must be pure, and keep a reading of it.

        An exception of ``compute`` is recorded with its type and text, then raised on.
        """
        started = self._monotonic()
        try:
            result = compute()
        except Exception as error:
            latency_ms = (self._monotonic() - started) * 1e3
            self._keep(feature, series, latency_ms, error=f"{type(error).__name__}: {error}")
            raise
        latency_ms = (self._monotonic() - started) * 1e3
        sampled = self._computations[feature] % self._sample_every == 0
        self._computations[feature] += 1
        self._keep(feature, series, latency_ms, peak_kb=_peak_kb(compute) if sampled else None)
        return result

    def drain(self) -> tuple[Reading, ...]:
        """Hand over all readings kept so far, oldest first."""
        readings = tuple(self._readings)
        self._readings.clear()
        return readings

    def _keep(
        self,
        feature: str,
        series: CandleSeries,
        latency_ms: float,
        *,
        peak_kb: float | None = None,
        error: str = "",
    ) -> None:
        rows = len(series)
        self.dropped += len(self._readings) == _MOST_READINGS
        self._readings.append(
            Reading(
                feature=feature,
                symbol=series.symbol,
                interval=series.interval.value,
                at_ms=series.interval.close_time_ms(int(series.open_time_ms[-1])) if rows else 0,
                latency_ms=latency_ms,
                peak_kb=peak_kb,
                rows=rows,
                error=error,
            )
        )


def _peak_kb(compute: Callable[[], object]) -> float:
    """Peak of what ``compute`` allocates on top of what is there, NumPy's arrays included."""
    ours = not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        compute()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if ours:
            tracemalloc.stop()
    return (peak - before) / 1024.0
