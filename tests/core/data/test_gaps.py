import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.gaps import gaps
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS


def at(minute: int) -> int:
    return START_MS + minute * MINUTE_MS


@given(st.sets(st.integers(-5, 25)), st.integers(0, 20), st.integers(0, 20))
def test_gaps_are_exactly_the_absent_bars(present, first, last):
    times = np.array([at(i) for i in sorted(present)], dtype=np.int64)
    found = gaps(times, Interval.M1, at(first), at(last))
    absent = [
        time_ms for gap in found for time_ms in range(gap.start_ms, gap.end_ms + 1, MINUTE_MS)
    ]
    assert absent == [at(i) for i in range(first, last + 1) if i not in present]
    assert all(a.end_ms + MINUTE_MS < b.start_ms for a, b in itertools.pairwise(found))


def test_an_empty_series_is_one_gap():
    nothing = np.array([], dtype=np.int64)
    assert gaps(nothing, Interval.M1, at(0), at(9)) == [Gap(at(0), at(9))]
    assert gaps(nothing, Interval.M1, at(9), at(0)) == []


@given(st.integers(1, 50), st.integers(1, 20))
def test_pages_cover_a_gap_without_overlap(bars, rows):
    gap = Gap(at(0), at(bars - 1))
    pages = list(gap.pages(Interval.M1, rows))
    assert pages[0].start_ms == gap.start_ms
    assert pages[-1].end_ms == gap.end_ms
    assert sum(page.bars(Interval.M1) for page in pages) == bars
    assert all(page.bars(Interval.M1) <= rows for page in pages)


def test_a_gap_that_ends_before_it_starts_cannot_exist():
    with pytest.raises(ValueError, match="before its start"):
        Gap(at(1), at(0))
