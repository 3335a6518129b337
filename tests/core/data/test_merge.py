import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.data.merge import joined, merged, news, picked
from core.model.candles import VALUE_COLUMNS, Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, random_walk

WALK = random_walk(40)
row_sets = st.sets(st.integers(0, 39))


def rows(chosen: set[int]) -> CandleSeries:
    return picked(WALK, np.array([i in chosen for i in range(40)], dtype=np.bool_))


def same(a: CandleSeries, b: CandleSeries) -> bool:
    return list(a) == list(b)


@given(row_sets, row_sets)
def test_pieces_of_one_market_merge_in_any_order(a, b):
    assert same(merged(rows(a), rows(b)), rows(a | b))
    assert same(merged(rows(a), rows(b)), merged(rows(b), rows(a)))


@given(row_sets, row_sets)
def test_merging_again_changes_nothing(a, b):
    once = merged(rows(a), rows(b))
    assert same(merged(once, rows(b)), once)
    assert not news(once, rows(b)).any()


@given(row_sets, row_sets)
def test_news_are_what_was_absent(a, b):
    assert same(picked(rows(b), news(rows(a), rows(b))), rows(b - a))


@given(row_sets, row_sets, st.floats(0.5, 2.0))
def test_merging_behaves_like_updating_a_dictionary(a, b, factor):
    older = rows(a)
    told = [replaced(row, volume=row.volume * 2.0 * factor) for row in rows(b)]
    newer = CandleSeries.from_candles("BTCUSDT", Interval.M1, told)
    model = {row.open_time_ms: row for row in older} | {row.open_time_ms: row for row in newer}
    assert list(merged(older, newer)) == [model[time] for time in sorted(model)]
    known = {row.open_time_ms: row for row in older}
    assert news(older, newer).tolist() == [
        row.open_time_ms not in known or abs(row.volume / known[row.open_time_ms].volume - 1) > 1e-9
        for row in newer
    ]


def replaced(row: Candle, **changes: float) -> Candle:
    values = {name: getattr(row, name) for name in VALUE_COLUMNS} | changes
    return Candle(open_time_ms=row.open_time_ms, **values)


def test_the_newer_version_of_a_bar_wins():
    old = CandleSeries.from_candles("X", Interval.M1, [candle(close=1.0)])
    new = CandleSeries.from_candles("X", Interval.M1, [candle(close=2.0)])
    assert news(old, new).tolist() == [True]
    assert merged(old, new).close.tolist() == [2.0]


def test_a_volume_that_differs_by_rounding_is_no_news():
    old = CandleSeries.from_candles("X", Interval.M1, [candle(volume=10.0)])
    new = CandleSeries.from_candles("X", Interval.M1, [candle(volume=10.000000001)])
    other = CandleSeries.from_candles("X", Interval.M1, [candle(volume=10.001)])
    assert not news(old, new).any()
    assert news(old, other).all()


def test_several_pieces_join_to_one():
    pieces = [rows({3, 4}), rows({0}), rows({4, 9})]
    assert joined(pieces).open_time_ms.tolist() == [START_MS + i * MINUTE_MS for i in (0, 3, 4, 9)]
