import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.market_events import BookTop
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.id_order import MOST_CONTRADICTIONS
from core.data.orderflow.statistics import OrderFlowStatistics
from core.data.orderflow.top_bars import TopBars
from core.model.intervals import MINUTE_MS
from core.model.order_flow import FlowSeries
from tests.builders import START_MS
from tests.core.data.orderflow.events import top


class Bars:
    """Bars of one symbol."""

    def __init__(self, capacity: int = 50) -> None:
        self.statistics = OrderFlowStatistics()
        self.columns = FlowColumns(capacity)
        self.bars = TopBars(self.columns, self.statistics)

    def take(self, *tops: BookTop) -> FlowSeries:
        for told in tops:
            self.bars.take(told)
        self.bars.flush()
        return self.columns.series("BTCUSDT")


def minutes(series: FlowSeries) -> list[int]:
    return ((series.open_time_ms - START_MS) // MINUTE_MS).tolist()


def test_the_lean_is_weighted_by_the_time_it_held():
    series = Bars().take(top(1, 0, 3, 1), top(2, 10_000, 1, 3), top(3, 40_000, 1, 1))
    assert series.imbalance_mean.tolist() == pytest.approx([(10 * 0.5 - 30 * 0.5) / 40])
    assert series.imbalance_last.tolist() == [0.0]


def test_one_best_price_is_the_whole_lean_of_its_moment():
    series = Bars().take(top(1, 59_999, 3, 1))
    assert series.imbalance_mean.tolist() == series.imbalance_last.tolist() == [0.5]


def test_the_spread_is_in_bps_of_the_middle():
    series = Bars().take(top(1, 0, bid=99.0, ask=101.0), top(2, 30_000, bid=99.5, ask=100.5))
    assert series.spread_bps.tolist() == pytest.approx([200.0])
    series = Bars().take(
        top(1, 0, bid=99.0, ask=101.0),
        top(2, 30_000, bid=99.5, ask=100.5),
        top(3, 60_000, bid=99.5, ask=100.5),
    )
    assert series.spread_bps.tolist() == pytest.approx([150.0, 100.0])


def test_a_best_price_holds_over_minutes_without_a_change():
    series = Bars().take(top(1, 30_000, 3, 1), top(2, 3 * MINUTE_MS + 15_000, 1, 3))
    assert minutes(series) == [0, 1, 2, 3]
    assert series.imbalance_mean.tolist() == pytest.approx([0.5, 0.5, 0.5, 0.5])
    assert series.imbalance_last.tolist() == [0.5, 0.5, 0.5, -0.5]


def test_after_an_interruption_the_time_until_the_next_counts_for_nothing():
    bars = Bars()
    bars.take(top(1, 0, 3, 1), top(2, 10_000, 3, 1))
    bars.bars.interrupted()
    series = bars.take(top(3, 50_000, 1, 3), top(4, 60_000, 1, 3))
    assert series.imbalance_mean[0] == pytest.approx((10 * 0.5 - 10 * 0.5) / 20)
    bars.bars.interrupted()
    series = bars.take(top(5, 5 * MINUTE_MS, 1, 1))
    assert minutes(series) == [0, 1, 5]


def test_the_volumes_of_a_bar_without_trades_are_not_known():
    series = Bars().take(top(1, 0))
    assert math.isnan(series.buy_volume[0])
    assert series.complete.tolist() == [False]


def test_repeated_and_late_tops_are_dropped():
    bars = Bars()
    told = [top(1, 0, 3, 1), top(2, 10_000, 1, 3), top(3, 60_000, 1, 1)]
    expected = Bars().take(*told)
    series = bars.take(told[0], told[1], told[0], told[1], told[2], *told)
    assert series.imbalance_mean.tolist() == expected.imbalance_mean.tolist()
    assert bars.statistics == OrderFlowStatistics(tops_repeated=5)


@pytest.mark.parametrize(
    "fault",
    [
        {"bid": 102.0},
        {"bid": 101.0},
        {"bid": math.nan},
        {"ask": math.inf},
        {"bid_quantity": -1.0},
        {"bid_quantity": 0.0, "ask_quantity": 0.0},
        {"bid_quantity": math.nan},
        {"ask_quantity": 1e308},
    ],
)
def test_an_impossible_top_is_left_out(fault):
    bars = Bars()
    series = bars.take(top(1, 0, 3, 1), top(2, 10_000, **fault), top(3, 20_000, 3, 1))
    assert bars.statistics.unsound == 1
    assert series.imbalance_mean.tolist() == [0.5]


def test_a_book_without_bids_leans_nowhere():
    bars = Bars()
    series = bars.take(
        top(1, 0, 3, 1), top(2, 10_000, 0, 5, bid=0.0), top(3, 50_000, 1, 3), top(4, 60_000, 1, 3)
    )
    assert bars.statistics.unsound == 0
    assert series.imbalance_mean[0] == pytest.approx(-0.5)


def test_a_numbering_that_began_anew_is_followed_after_a_while():
    bars = Bars()
    bars.take(top(10**9, 0, 1, 3))
    later = [top(i, 60_000 + i, 3, 1) for i in range(1, MOST_CONTRADICTIONS + 10)]
    series = bars.take(*later)
    assert bars.statistics.restarts == 1
    assert minutes(series) == [1]
    assert series.imbalance_mean.tolist() == [0.5]


def test_a_jump_in_time_costs_no_more_than_the_rows_kept():
    bars = Bars(capacity=3)
    series = bars.take(top(1, 0, 3, 1), top(2, 10**9 * MINUTE_MS, 3, 1))
    assert minutes(series) == [10**9 - 2, 10**9 - 1, 10**9]


@given(
    st.lists(
        st.tuples(st.integers(0, 50_000), st.integers(1, 9), st.integers(1, 9)),
        min_size=1,
        max_size=15,
    )
)
def test_the_mean_is_that_of_a_pass_over_every_moment(rows):
    at = np.cumsum([row[0] for row in rows])
    told = [top(i, int(at[i]), row[1], row[2]) for i, row in enumerate(rows)]
    series = Bars().take(*told)
    grid = np.arange(at[0], at[-1])
    leaning = np.array([(b - a) / (b + a) for _, b, a in rows])
    holding = leaning[np.searchsorted(at, grid, side="right") - 1]
    for i, minute in enumerate(minutes(series)):
        held = holding[grid // MINUTE_MS == minute]
        if held.size:
            assert series.imbalance_mean[i] == pytest.approx(held.mean(), abs=1e-9)
    assert minutes(series) == list(range(at[0] // MINUTE_MS, at[-1] // MINUTE_MS + 1))
