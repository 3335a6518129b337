import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.intervals import Interval
from core.model.telemetry import COST_RECENT, COST_WINDOW, FeatureCost
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


def test_memory_is_sampled_at_each_nth_computation_and_features_take_turns():
    telemetry = Telemetry(sample_every=3)
    for _ in range(7):
        telemetry.measure("a", random_walk(3), int)
        telemetry.measure("b", random_walk(3), int)
    sampled = [(r.feature, r.peak_kb is not None) for r in telemetry.drain()]
    assert [known for name, known in sampled if name == "a"] == [i % 3 == 0 for i in range(7)]
    assert [known for name, known in sampled if name == "b"] == [i % 3 == 1 for i in range(7)]


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
    telemetry = Telemetry(most_readings=10)
    for _ in range(15):
        telemetry.measure("a", random_walk(3), int)
    assert len(telemetry.drain()) == 10
    assert telemetry.dropped == 5


def test_where_nobody_asks_no_reading_is_kept_but_costs_are():
    telemetry = Telemetry(most_readings=0)
    telemetry.measure("a", random_walk(3), int)
    assert telemetry.drain() == ()
    assert [(cost.feature, cost.count) for cost in telemetry.summary()] == [("a", 1)]


class Script:
    """A clock by which computations take the given times, one after the other."""

    def __init__(self, *latencies_ms):
        starts = [10.0 * i for i in range(len(latencies_ms))]
        self._times = [
            at
            for start, took in zip(starts, latencies_ms, strict=True)
            for at in (start, start + took / 1e3)
        ]

    def __call__(self):
        return self._times.pop(0)


def test_costs_are_counted_by_feature_with_the_dearest_first():
    telemetry = Telemetry(monotonic=Script(1.0, 2.0, 12.0, 3.0, 5.0))
    for feature in ("cheap", "cheap", "dear", "cheap"):
        telemetry.measure(feature, random_walk(3), int)
    with pytest.raises(ZeroDivisionError):
        telemetry.measure("cheap", random_walk(3), fails)
    dear, cheap = telemetry.summary()
    assert (dear.feature, dear.count, dear.errors, dear.error) == ("dear", 1, 0, "")
    assert dear.share == pytest.approx(12.0 / 23.0)
    assert (cheap.count, cheap.errors, cheap.error) == (4, 1, "ZeroDivisionError: flat")
    assert cheap.share == pytest.approx(11.0 / 23.0)
    assert cheap.last_ms == pytest.approx(5.0)
    assert cheap.median_ms == pytest.approx(2.5)
    assert cheap.recent_ms == pytest.approx((1.0, 2.0, 3.0, 5.0))


@given(st.lists(st.floats(0.0, 1e4), min_size=1, max_size=COST_WINDOW + 40))
@settings(max_examples=20, deadline=None)
def test_costs_are_exact_over_the_newest_window(latencies_ms):
    telemetry = Telemetry(monotonic=Script(*latencies_ms), sample_every=10**6)
    market = random_walk(3)
    for _ in latencies_ms:
        telemetry.measure("a", market, int)
    (cost,) = telemetry.summary()
    newest = latencies_ms[-COST_WINDOW:]
    assert cost.count == len(latencies_ms)
    assert cost.median_ms == pytest.approx(np.median(newest), abs=1e-6)
    assert cost.p95_ms == pytest.approx(np.percentile(newest, 95), abs=1e-6)
    assert cost.recent_ms == pytest.approx(tuple(newest[-COST_RECENT:]), abs=1e-3)


def test_draining_leaves_the_costs():
    telemetry = Telemetry()
    telemetry.measure("a", random_walk(3), int)
    telemetry.drain()
    assert telemetry.summary()[0].count == 1
    assert telemetry.summary()[0].peak_kb is not None


def test_before_anything_was_measured_there_are_no_costs():
    assert Telemetry().summary() == ()


def test_threads_may_measure_at_once_and_nothing_is_lost():
    telemetry = Telemetry(sample_every=2)
    market = random_walk(3)

    def work(feature):
        for _ in range(200):
            telemetry.measure(feature, market, lambda: np.ones(2_000).sum())

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, ["a", "b", "a", "b"]))
    assert {cost.feature: cost.count for cost in telemetry.summary()} == {"a": 400, "b": 400}
    readings = telemetry.drain()
    assert len(readings) == 800
    assert all(r.peak_kb is None or r.peak_kb >= 15.0 for r in readings)
    assert not tracemalloc.is_tracing()


def test_costs_survive_json_and_fields_of_a_newer_program():
    telemetry = Telemetry()
    telemetry.measure("a", random_walk(3), int)
    (cost,) = telemetry.summary()
    told = json.loads(json.dumps(asdict(cost))) | {"new_in_2030": 1}
    assert FeatureCost.parse(told) == cost
    with pytest.raises(TypeError):
        FeatureCost.parse({"feature": "a"})


def test_memory_may_be_left_out():
    telemetry = Telemetry(sample_every=None)
    computed = []
    telemetry.measure("a", random_walk(3), lambda: computed.append(1))
    assert computed == [1]
    assert telemetry.summary()[0].peak_kb is None


def test_a_sample_rate_below_one_is_rejected():
    with pytest.raises(ValueError, match="sample_every must be at least 1, was 0"):
        Telemetry(sample_every=0)
