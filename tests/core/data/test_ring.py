import threading
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.ring import CandleRing
from core.model.candles import Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, random_walk

WALK = list(random_walk(200))


def ring(capacity: int) -> CandleRing:
    return CandleRing("BTCUSDT", Interval.M1, capacity)


@given(st.integers(1, 20), st.integers(0, 120))
def test_the_ring_behaves_like_a_bounded_deque(capacity, n):
    ours, model = ring(capacity), deque[Candle](maxlen=capacity)
    for row in WALK[:n]:
        ours.append(row)
        model.append(row)
        assert len(ours) == len(model)
        assert ours.newest_ms == model[-1].open_time_ms
        assert ours.oldest_ms == model[0].open_time_ms
    assert list(ours.snapshot()) == list(model)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(1, 30)),
            st.tuples(st.just("resize"), st.integers(1, 40)),
            st.tuples(st.just("replace"), st.integers(0, 30)),
        ),
        max_size=12,
    )
)
def test_the_ring_behaves_like_a_deque_that_is_resized_and_refilled(steps):
    ours, model, n = ring(20), deque[Candle](maxlen=20), 0
    for action, value in steps:
        match action:
            case "append":
                for row in WALK[n : n + value]:
                    ours.append(row)
                    model.append(row)
                n = min(len(WALK), n + value)
            case "resize":
                ours.resize(value)
                model = deque(model, maxlen=value)
            case "replace":
                rest = WALK[max(0, n - value) : n]
                ours.replace(CandleSeries.from_candles("BTCUSDT", Interval.M1, rest))
                model = deque(rest, maxlen=model.maxlen)
        assert list(ours.snapshot()) == list(model)
        assert ours.newest_ms == (model[-1].open_time_ms if model else None)
        assert ours.oldest_ms == (model[0].open_time_ms if model else None)
        assert len(ours) == len(model)


def test_a_ring_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        ring(0)


@given(st.integers(1, 10), st.integers(0, 30), st.integers(0, 30))
def test_a_snapshot_never_changes(capacity, before, after):
    ours = ring(capacity)
    for row in WALK[:before]:
        ours.append(row)
    snapshot, expected = ours.snapshot(), WALK[max(0, before - capacity) : before]
    for row in WALK[before : before + after]:
        ours.append(row)
    assert list(snapshot) == expected


def test_snapshots_are_read_only_and_shared_until_something_is_appended():
    ours = ring(3)
    ours.append(WALK[0])
    snapshot = ours.snapshot()
    assert ours.snapshot() is snapshot
    with pytest.raises(ValueError, match="read-only"):
        snapshot.close[0] = 1.0


def test_memory_stays_constant_however_much_is_appended():
    ours = ring(10)
    size = ours.memory_bytes
    for i in range(1000):
        ours.append(candle(START_MS + i * MINUTE_MS))
    assert ours.memory_bytes == size


def test_a_candle_that_is_not_newer_is_refused():
    ours = ring(3)
    ours.append(WALK[1])
    for row in (WALK[1], WALK[0]):
        with pytest.raises(ValueError, match="after one of"):
            ours.append(row)


def test_replacing_keeps_the_newest():
    ours = ring(3)
    ours.replace(CandleSeries.from_candles("BTCUSDT", Interval.M1, WALK[:5]))
    assert list(ours.snapshot()) == WALK[2:5]


def test_a_reader_in_another_thread_never_sees_a_torn_row():
    ours, done, torn = ring(7), threading.Event(), []

    def read() -> None:
        while not done.is_set():
            snapshot = ours.snapshot()
            # Each row was written with one number in every column.
            if not np.array_equal(snapshot.close, snapshot.open) or not np.array_equal(
                snapshot.close, (snapshot.open_time_ms - START_MS) / MINUTE_MS + 1
            ):
                torn.append(snapshot)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(5000):
        ours.append(candle(START_MS + i * MINUTE_MS, close=float(i + 1)))
    done.set()
    reader.join()
    assert not torn
