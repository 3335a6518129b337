import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.model.candles import CandleSeries
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, random_walk
from ui.figures.missing_spans import MissingSpan
from ui.missing_candles import missing_spans


def at(minute):
    return START_MS + minute * MINUTE_MS


def lacking(minutes, bars=20):
    walk = random_walk(bars)
    rows = [candle for i, candle in enumerate(walk) if i not in minutes]
    return CandleSeries.from_candles(walk.symbol, walk.interval, rows)


def test_a_hole_that_the_exchange_has_too_is_told_once():
    assert missing_spans(lacking({4, 5}), [Gap(at(4), at(5))]) == (
        MissingSpan(at(4), at(6), absent=True),
    )


def test_a_hole_nobody_explained_is_told_as_not_received():
    assert missing_spans(lacking({4, 5}), []) == (MissingSpan(at(4), at(6), absent=False),)


def test_the_part_of_a_hole_that_is_not_explained_is_told_apart():
    found = missing_spans(lacking({3, 4, 5, 6}), [Gap(at(4), at(5))])
    assert found == (
        MissingSpan(at(3), at(4), absent=False),
        MissingSpan(at(4), at(6), absent=True),
        MissingSpan(at(6), at(7), absent=False),
    )


def test_a_hole_within_a_longer_bar_is_told_with_its_own_times():
    hours = random_walk(5, interval=Interval.H1)
    assert missing_spans(hours, [Gap(at(61), at(63))]) == (
        MissingSpan(at(61), at(64), absent=True),
    )


def test_what_is_missing_before_the_first_candle_or_without_any_is_not_told():
    assert missing_spans(random_walk(5), [Gap(at(-9), at(-5))]) == ()
    empty = CandleSeries.empty("BTCUSDT", Interval.M1)
    assert missing_spans(empty, [Gap(at(1), at(2))]) == ()


@given(st.sets(st.integers(1, 18)), st.sets(st.integers(1, 18)))
def test_every_missing_minute_is_told_exactly_once_and_no_other(minutes, explained):
    absent = [Gap(at(m), at(m)) for m in sorted(minutes & explained)]
    spans = missing_spans(lacking(minutes), absent)
    told = [m for span in spans for m in np.arange(span.start_ms, span.end_ms, MINUTE_MS).tolist()]
    assert told == [at(m) for m in sorted(minutes)]
    assert {s.start_ms for s in spans if s.absent} == {gap.start_ms for gap in absent}
