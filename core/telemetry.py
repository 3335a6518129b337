"""
Times computations: each one for whoever stores readings, and their sums for people.

Memory is measured by tracemalloc, which slows every allocation of the process
while it is on. So only each ``sample_every``-th computation of a feature is
measured, by running it a second time with tracing on just for that run: latencies
are always those of an untraced run. The features take turns, one computation
apart, so that no bar waits for more than one traced run as a rule. Other threads'
allocations during the traced run count too; the peak is an upper bound.
"""

import threading
import time
import tracemalloc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from core.model.candles import CandleSeries
from core.model.telemetry import COST_RECENT, COST_WINDOW, FeatureCost, Reading

T = TypeVar("T")

_MOST_READINGS = 10_000
# So that with some twenty features one bar in fifty waits for a traced run.
_SAMPLE_EVERY = 1_000
_P95 = 0.95


def reason_of(error: BaseException) -> str:
    """Return an error as one line."""
    return f"{type(error).__name__}: {error}"


@dataclass(slots=True)
class _Sums:
    """Of one feature; ``turn`` is how many others were known before it."""

    turn: int
    count: int = 0
    errors: int = 0
    spent_ms: float = 0.0
    peak_kb: float | None = None
    error: str = ""
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=COST_WINDOW))


class _Of(NamedTuple):
    """A series, and what a reading tells of it."""

    series: CandleSeries
    symbol: str
    interval: str
    at_ms: int
    rows: int

    @classmethod
    def whole(cls, series: CandleSeries) -> "_Of":
        rows, interval = len(series), series.interval
        at_ms = interval.close_time_ms(int(series.open_time_ms[-1])) if rows else 0
        return cls(series, series.symbol, interval.value, at_ms, rows)


class Telemetry:
    """
    Measure pure computations; any thread may call, and several may compute at once.

    Latencies are wall time: where threads compute at once, what one waits for the other
    counts. Of computations at once only one is traced for memory; tracing belongs to the whole
    process, so only one instance in it may have ``sample_every``.

    Args:
        monotonic: Seconds, for latencies only.
        sample_every: Every how many computations of a feature its memory is measured; None
            for never.
        most_readings: How many are kept for `drain`; 0 where nobody will ask for them.

    Attributes:
        dropped: Readings lost because nobody drained; the oldest go first.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.perf_counter,
        sample_every: int | None = _SAMPLE_EVERY,
        most_readings: int = _MOST_READINGS,
    ) -> None:
        if sample_every is not None and sample_every < 1:
            raise ValueError(f"sample_every must be at least 1, was {sample_every}")
        self._monotonic = monotonic
        self._sample_every = sample_every
        self._sums: dict[str, _Sums] = {}
        self._readings: deque[Reading] = deque(maxlen=most_readings)
        self._books = threading.Lock()
        self._tracing = threading.Lock()
        # A bar's computations are of one series: what readings say of it is found out once.
        self._of: _Of | None = None
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
            self._keep(feature, series, latency_ms, error=reason_of(error))
            raise
        latency_ms = (self._monotonic() - started) * 1e3
        peak_kb = self._peak_kb(compute) if self._is_sampled(feature) else None
        self._keep(feature, series, latency_ms, peak_kb=peak_kb)
        return result

    def drain(self) -> tuple[Reading, ...]:
        """Hand over all readings kept so far, oldest first."""
        with self._books:
            readings = tuple(self._readings)
            self._readings.clear()
            self._of = None
        return readings

    def summary(self) -> tuple[FeatureCost, ...]:
        """Tell what each feature has cost, the dearest first; draining changes nothing of it."""
        with self._books:
            total_ms = sum(sums.spent_ms for sums in self._sums.values())
            costs = [_cost(name, sums, total_ms) for name, sums in self._sums.items() if sums.count]
        return tuple(sorted(costs, key=lambda cost: (-cost.share, cost.feature)))

    def _is_sampled(self, feature: str) -> bool:
        if self._sample_every is None:
            return False
        sums = self._sums.get(feature)
        count, turn = (0, len(self._sums)) if sums is None else (sums.count, sums.turn)
        return count % self._sample_every == turn % self._sample_every

    def _peak_kb(self, compute: Callable[[], object]) -> float | None:
        """Measure, unless another thread does."""
        if not self._tracing.acquire(blocking=False):
            return None
        try:
            return _peak_kb(compute)
        finally:
            self._tracing.release()

    def _known(self, feature: str) -> _Sums:
        known = self._sums.get(feature)
        if known is None:
            known = self._sums[feature] = _Sums(turn=len(self._sums))
        return known

    def _keep(
        self,
        feature: str,
        series: CandleSeries,
        latency_ms: float,
        *,
        peak_kb: float | None = None,
        error: str = "",
    ) -> None:
        of = self._of
        if of is None or of.series is not series:
            of = self._of = _Of.whole(series)
        reading = Reading(
            feature, of.symbol, of.interval, of.at_ms, latency_ms, peak_kb, of.rows, error
        )
        with self._books:
            sums = self._known(feature)
            sums.count += 1
            sums.errors += error != ""
            sums.spent_ms += latency_ms
            sums.error = error
            sums.peak_kb = sums.peak_kb if peak_kb is None else peak_kb
            sums.latencies_ms.append(latency_ms)
            self.dropped += len(self._readings) == self._readings.maxlen
            self._readings.append(reading)


def _cost(feature: str, sums: _Sums, total_ms: float) -> FeatureCost:
    newest = list(sums.latencies_ms)
    ordered = sorted(newest)
    return FeatureCost(
        feature=feature,
        count=sums.count,
        errors=sums.errors,
        last_ms=newest[-1],
        median_ms=_quantile(ordered, 0.5),
        p95_ms=_quantile(ordered, _P95),
        peak_kb=sums.peak_kb,
        share=sums.spent_ms / total_ms if total_ms > 0.0 else 0.0,
        recent_ms=tuple(round(value, 3) for value in newest[-COST_RECENT:]),
        error=sums.error,
    )


def _quantile(ordered: list[float], part: float) -> float:
    """Interpolate between the neighbours, as NumPy does by default."""
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


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
