import numpy as np
import pytest

from core.indicators.candle_ranges import CandleRanges
from core.indicators.fair_value_gaps import fair_value_gaps, joined_gaps
from core.indicators.price_zones import first_touch
from core.indicators.range_extremes import NEVER
from tests.builders import candles
from tests.core.indicators.price_bars import bars, rough_market
from tests.core.indicators.smart_money_vectors import btcusdt, eurusd, needs_vectors

RISE = [(10.0, 11.0, 9.0, 10.5), (10.5, 15.0, 10.0, 14.0), (14.0, 16.0, 13.0, 15.0)]
FALL = [(10.0, 11.0, 9.0, 9.5), (9.5, 10.0, 4.0, 5.0), (5.0, 7.0, 3.0, 4.0)]


def touched(gaps, market):
    n = len(market)
    return first_touch(gaps, CandleRanges(market, n), n)


def assert_as_told(gaps, answers, prefix):
    """The same rows, sides, edges and first touches; the reference writes 0 for never."""
    rows = answers.at(f"{prefix}_side")
    assert len(rows) > 500
    np.testing.assert_array_equal(gaps.confirmed_row - 1, rows)
    for name, ours in (("side", gaps.side), ("top", gaps.high), ("bottom", gaps.low)):
        np.testing.assert_array_equal(ours, answers.columns[f"{prefix}_{name}"][rows])
    mitigated = answers.columns[f"{prefix}_mitigated"][rows]
    ours = touched(gaps, answers.candles)
    np.testing.assert_array_equal(np.where(ours == NEVER, 0, ours), mitigated)


@needs_vectors
@pytest.mark.parametrize("answers", [eurusd, btcusdt])
def test_every_published_gap_is_found_one_candle_after_the_reference_writes_it(answers):
    told = answers()
    assert_as_told(fair_value_gaps(told.candles), told, "fvg")


@needs_vectors
def test_joined_gaps_that_stand_are_the_published_ones():
    told = eurusd()
    gaps, swallowed = joined_gaps(fair_value_gaps(told.candles), 12)
    assert_as_told(gaps.rows(swallowed == NEVER), told, "joined")


def test_a_rise_leaves_a_gap_between_the_first_high_and_the_third_low():
    gaps = fair_value_gaps(bars(RISE))
    assert (gaps.from_row.tolist(), gaps.confirmed_row.tolist()) == ([1], [2])
    assert (gaps.side.tolist(), gaps.low.tolist(), gaps.high.tolist()) == ([1], [11.0], [13.0])
    assert gaps.strength.tolist() == [2.0 / 5.0]


def test_a_fall_leaves_a_gap_between_the_third_high_and_the_first_low():
    gaps = fair_value_gaps(bars(FALL))
    assert (gaps.side.tolist(), gaps.low.tolist(), gaps.high.tolist()) == ([-1], [7.0], [9.0])


def test_candles_that_touch_leave_no_gap():
    first, middle, (o, h, _, c) = RISE
    assert len(fair_value_gaps(bars([first, middle, (o, h, first[1], c)]))) == 0


def test_a_middle_candle_against_the_move_leaves_no_gap():
    first, (o, h, low, c), third = RISE
    assert len(fair_value_gaps(bars([first, (c, h, low, o), third]))) == 0
    assert len(fair_value_gaps(bars([first, (o, h, low, o), third]))) == 0


@pytest.mark.parametrize("hole", [1, 2])
def test_there_is_no_gap_across_a_hole(hole):
    spaced = [*RISE[:hole], RISE[0], *RISE[hole:]]
    assert len(fair_value_gaps(bars(spaced, missing=(hole,)))) == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 30])
def test_short_and_flat_markets_have_no_gaps(n):
    gaps = fair_value_gaps(candles(np.full(n, 1e-8)))
    assert len(gaps) == 0
    assert [len(column) for column in joined_gaps(gaps, 3)] == [0, 0]


def climb(n):
    """Candles that each leave a gap to the one after the next."""
    return bars([(10.0 * i, 10.0 * i + 11.0, 10.0 * i - 1, 10.0 * i + 10) for i in range(1, n + 1)])


def test_a_gap_stands_until_the_next_one_swallows_it():
    gaps, swallowed = joined_gaps(fair_value_gaps(climb(6)), 12)
    assert gaps.confirmed_row.tolist() == [2, 3, 4, 5]
    assert swallowed.tolist() == [3, 4, 5, NEVER]
    assert gaps.from_row.tolist() == [1, 1, 1, 1]
    assert set(gaps.low) == {21.0}
    assert gaps.high.tolist() == [29.0, 39.0, 49.0, 59.0]


def test_no_more_gaps_are_joined_than_asked_for():
    gaps, _ = joined_gaps(fair_value_gaps(climb(8)), 2)
    assert gaps.from_row.tolist() == [1, 1, 2, 3, 4, 5]
    assert gaps.low.tolist() == [21.0, 21.0, 31.0, 41.0, 51.0, 61.0]


def test_gaps_of_different_sides_are_not_joined():
    up = climb(4)
    turn = [(49.0, 51.0, 20.0, 22.0), (22.0, 25.0, 5.0, 6.0)]
    rows = [(up.open[i], up.high[i], up.low[i], up.close[i]) for i in range(4)]
    gaps, swallowed = joined_gaps(fair_value_gaps(bars(rows + turn)), 12)
    assert gaps.side.tolist() == [1, 1, -1]
    assert swallowed.tolist() == [3, NEVER, NEVER]


def test_joining_one_gap_changes_nothing_and_none_is_refused():
    gaps = fair_value_gaps(rough_market(300, 3, tick=0.05, missing=0.0))
    same, swallowed = joined_gaps(gaps, 1)
    assert same is gaps
    assert len(gaps) > 20
    assert set(swallowed) == {NEVER}
    with pytest.raises(ValueError, match="most must be at least 1, was 0"):
        joined_gaps(gaps, 0)
