import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.indicators.anchoring import BLOCK_CANDLES, anchored_runs, warm_up
from core.model.intervals import Interval
from tests.builders import START_MS, random_walk

MINUTE = Interval.M1.duration_ms
MEMORY = 30
present = st.lists(st.booleans(), max_size=700).map(np.flatnonzero)
offsets = st.integers(0, 500)


def times(rows, offset):
    return (START_MS + (np.asarray(rows, dtype=np.int64) + offset) * MINUTE).astype(np.int64)


@given(present, offsets)
def test_kept_rows_cover_the_series_once(rows, offset):
    runs = anchored_runs(times(rows, offset), Interval.M1, MEMORY)
    kept = [row for run in runs for row in range(run.first, run.stop)]
    assert kept == list(range(len(rows)))


@given(present, offsets)
def test_a_run_begins_memory_candles_before_its_block(rows, offset):
    open_ms = times(rows, offset)
    for run in anchored_runs(open_ms, Interval.M1, MEMORY):
        last_block_ms = open_ms[run.stop - 1] // (BLOCK_CANDLES * MINUTE) * BLOCK_CANDLES * MINUTE
        expected = np.searchsorted(open_ms, last_block_ms - MEMORY * MINUTE)
        assert run.start == expected
        assert run.start <= run.first


@given(st.integers(1, 1500), offsets, st.integers(0, 700))
def test_a_series_without_holes_is_cut_where_one_with_a_hole_behind_it_is(n, offset, memory):
    open_ms = times(range(n), offset)
    holed = np.append(open_ms, open_ms[-1] + 10 * warm_up(memory) * MINUTE)
    before_hole = anchored_runs(holed, Interval.M1, memory)[:-1]
    assert anchored_runs(open_ms, Interval.M1, memory) == before_hole


@given(offsets, st.integers(0, 600))
def test_after_warm_up_a_row_is_computed_from_the_same_rows_in_any_window(offset, dropped):
    whole = times(range(1000), offset)
    first_row = _first_rows(anchored_runs(whole, Interval.M1, MEMORY))
    part = _first_rows(anchored_runs(whole[dropped:], Interval.M1, MEMORY))
    for row in range(warm_up(MEMORY), len(part)):
        assert part[row] + dropped == first_row[row + dropped]


def _first_rows(runs):
    return [run.start for run in runs for _ in range(run.first, run.stop)]


def test_an_empty_series_has_no_runs():
    assert anchored_runs(np.array([], dtype=np.int64), Interval.M1, MEMORY) == ()


@pytest.mark.parametrize("interval", list(Interval))
def test_blocks_of_every_interval_follow_the_grid(interval):
    market = random_walk(400, interval=interval)
    for run in anchored_runs(market.open_time_ms, interval, MEMORY)[1:]:
        assert market.open_time_ms[run.first] % (BLOCK_CANDLES * interval.duration_ms) == 0
