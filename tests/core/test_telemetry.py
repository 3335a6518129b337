import tracemalloc

import numpy as np
import pytest

from core.model.intervals import Interval
from core.telemetry import Telemetry
from tests.builders import START_MS, candles, random_walk


class FakeClock:
    """Advances by the same step each time it is read."""

    def __init__(self, step_s):
        self.now_s = 0.0
        self._step_s = step_s

    def __call__(self):
        self.now_s += self._step_s
        return self.now_s


def fails():
    raise ZeroDivisionError("flat")


def test_a_computation_is_returned_and_timed():
    telemetry = Telemetry(monotonic=FakeClock(0.25))
    assert telemetry.measure("ema", random_walk(3, interval=Interval.M15), lambda: 42) == 42
    (reading,) = telemetry.drain()
    assert (reading.feature, reading.symbol, reading.interval) == ("ema", "BTCUSDT", "15m")
    assert reading.latency_ms == pytest.approx(250.0)
    assert reading.rows == 3
    assert reading.at_ms == START_MS + 3 * 15 * 60_000 - 1
    assert reading.error == ""


def test_an_error_is_recorded_and_raised_on():
    telemetry = Telemetry()
    with pytest.raises(ZeroDivisionError):
        telemetry.measure("ema", random_walk(3), fails)
    assert [r.error for r in telemetry.drain()] == ["ZeroDivisionError: flat"]


def test_memory_is_sampled_at_the_first_and_then_each_nth_computation_of_a_feature():
    telemetry = Telemetry(sample_every=3)
    for _ in range(7):
        telemetry.measure("a", random_walk(3), int)
    telemetry.measure("b", random_walk(3), int)
    sampled = [(r.feature, r.peak_kb is not None) for r in telemetry.drain()]
    assert sampled == [("a", i % 3 == 0) for i in range(7)] + [("b", True)]


def test_the_peak_counts_arrays_that_were_freed_again():
    telemetry = Telemetry()
    telemetry.measure("big", random_walk(3), lambda: float(np.ones(1 << 20).sum()))
    (reading,) = telemetry.drain()
    assert 8 * 1024 <= reading.peak_kb < 9 * 1024


def test_tracing_is_off_while_time_is_measured_and_afterwards():
    traced = []
    telemetry = Telemetry()
    telemetry.measure("a", random_walk(3), lambda: traced.append(tracemalloc.is_tracing()))
    assert traced == [False, True]
    assert not tracemalloc.is_tracing()


def test_somebody_elses_tracing_is_left_on():
    tracemalloc.start()
    try:
        telemetry = Telemetry()
        telemetry.measure("a", random_walk(3), int)
        assert tracemalloc.is_tracing()
        assert telemetry.drain()[0].peak_kb is not None
    finally:
        tracemalloc.stop()


def test_readings_are_handed_over_once():
    telemetry = Telemetry()
    telemetry.measure("a", random_walk(3), int)
    assert len(telemetry.drain()) == 1
    assert telemetry.drain() == ()


def test_a_reading_of_an_empty_series_has_no_time():
    telemetry = Telemetry()
    telemetry.measure("a", candles([]), int)
    assert telemetry.drain()[0].at_ms == 0


def test_the_buffer_is_bounded_and_counts_what_it_lost():
    telemetry = Telemetry(sample_every=10**6)
    market = random_walk(3)
    for _ in range(10_005):
        telemetry.measure("a", market, int)
    assert len(telemetry.drain()) == 10_000
    assert telemetry.dropped == 5


def test_a_sample_rate_below_one_is_rejected():
    with pytest.raises(ValueError, match="sample_every must be at least 1, was 0"):
        Telemetry(sample_every=0)
