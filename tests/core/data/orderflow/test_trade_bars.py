import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.market_events import AggTrade
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.footprint_bars import FootprintBars
from core.data.orderflow.id_order import MOST_CONTRADICTIONS
from core.data.orderflow.statistics import OrderFlowStatistics
from core.data.orderflow.trade_bars import TradeBars
from core.model.intervals import MINUTE_MS
from core.model.order_flow import FlowSeries
from tests.builders import START_MS
from tests.core.data.orderflow.events import trade


class Bars:
    """Bars of one symbol."""

    def __init__(self, capacity: int = 50) -> None:
        self.statistics = OrderFlowStatistics()
        self.columns = FlowColumns(capacity)
        self.bars = TradeBars(self.columns, FootprintBars(5), self.statistics)

    def take(self, *trades: AggTrade) -> FlowSeries:
        for told in trades:
            self.bars.take(told)
        self.bars.flush()
        return self.columns.series("BTCUSDT")


def minutes(series: FlowSeries) -> list[int]:
    return ((series.open_time_ms - START_MS) // MINUTE_MS).tolist()


def test_volume_goes_to_the_side_of_the_taker():
    series = Bars().take(
        trade(1, 10, price=100.0, quantity=2.0, trades=3),
        trade(2, 20, price=101.0, quantity=1.0, buys=False),
        trade(3, 30, price=102.0, quantity=4.0),
    )
    assert series.buy_volume.tolist() == [6.0]
    assert series.sell_volume.tolist() == [1.0]
    assert series.buy_quote_volume.tolist() == [608.0]
    assert series.sell_quote_volume.tolist() == [101.0]
    assert series.trades.tolist() == [5]
    assert series.delta.tolist() == [5.0]
    assert math.isnan(series.imbalance_mean[0])


def test_a_bar_is_complete_when_trades_before_and_after_it_are_known():
    bars = Bars()
    assert bars.take(trade(1, 59_000), trade(2, 61_000)).complete.tolist() == [False, False]
    series = bars.take(trade(3, 119_999), trade(4, 120_000))
    assert series.complete.tolist() == [False, True, False]


def test_the_first_bar_is_never_complete_even_if_its_first_millisecond_was_heard():
    assert Bars().take(trade(1, 0), trade(2, 60_000)).complete.tolist() == [False, False]


def test_a_minute_without_trades_is_complete_when_ids_go_on():
    series = Bars().take(trade(1, 0), trade(2, 180_000))
    assert minutes(series) == [0, 1, 2, 3]
    assert series.complete.tolist() == [False, True, True, False]
    assert series.buy_volume.tolist() == [1.0, 0.0, 0.0, 1.0]


def test_a_hole_in_the_ids_makes_both_bars_at_its_edges_incomplete():
    bars = Bars()
    series = bars.take(
        trade(1, 0), trade(2, 60_000), trade(5, 180_000), trade(6, 240_000), trade(7, 300_000)
    )
    assert bars.statistics.trades_lost == 2
    assert minutes(series) == [0, 1, 3, 4, 5]
    assert series.complete.tolist() == [False, False, False, True, False]


def test_a_hole_within_a_bar_makes_it_incomplete():
    series = Bars().take(
        trade(1, 0), trade(2, 60_000), trade(4, 61_000), trade(5, 120_000), trade(6, 180_000)
    )
    assert series.complete.tolist() == [False, False, True, False]


def test_repeated_and_late_trades_count_once():
    bars = Bars()
    told = [trade(i, i * 20_000) for i in range(1, 9)]
    once = Bars().take(*told)
    series = bars.take(*told[:4], *told[:3], *told[4:], *told)
    assert bars.statistics.trades_repeated == 11
    assert series.buy_volume.tolist() == once.buy_volume.tolist()
    assert series.complete.tolist() == once.complete.tolist()


@pytest.mark.parametrize(
    "fault",
    [
        {"price": -1.0},
        {"price": 0.0},
        {"price": math.nan},
        {"price": math.inf},
        {"price": 1e-320},
        {"quantity": -1.0},
        {"quantity": math.nan},
        {"quantity": math.inf},
        {"price": 1e300, "quantity": 1e300},
    ],
)
def test_an_impossible_trade_is_left_out_and_its_bar_incomplete(fault):
    bars = Bars()
    series = bars.take(
        trade(1, 0),
        trade(2, 60_000),
        trade(3, 61_000, **fault),
        trade(4, 62_000),
        trade(5, 120_000),
        trade(6, 180_000),
    )
    assert (bars.statistics.unsound, bars.statistics.trades_lost) == (1, 1)
    assert series.buy_volume.tolist() == [1.0, 2.0, 1.0, 1.0]
    assert series.complete.tolist() == [False, False, True, False]


def test_an_empty_print_has_an_id_and_no_volume():
    bars = Bars()
    series = bars.take(
        trade(1, 0),
        trade(2, 60_000),
        trade(3, 61_000, price=0.0, quantity=0.0),
        trade(4, 120_000),
    )
    assert bars.statistics == OrderFlowStatistics()
    assert series.complete.tolist() == [False, True, False]
    assert series.trades.tolist() == [1, 1, 1]


def test_a_new_id_from_a_minute_already_left_is_left_out_and_both_minutes_incomplete():
    bars = Bars()
    series = bars.take(
        trade(1, 0),
        trade(2, 60_000),
        trade(3, 120_000),
        trade(4, 61_000),
        trade(5, 121_000),
        trade(6, 180_000),
    )
    assert bars.statistics.unsound == 1
    assert series.complete.tolist() == [False, False, False, False]
    assert series.buy_volume.tolist() == [1.0, 1.0, 2.0, 1.0]


def test_a_time_from_far_ahead_ends_the_bars_only_for_a_while():
    bars = Bars()
    bars.take(trade(1, 0), trade(2, 10**12))
    later = [trade(3 + i, 60_000 + i) for i in range(MOST_CONTRADICTIONS + 5)]
    series = bars.take(*later)
    assert minutes(series) == [1]
    assert bars.statistics.restarts == 1
    assert series.buy_volume.tolist() == [6.0]


def test_a_numbering_that_began_anew_is_followed_after_a_while():
    bars = Bars()
    bars.take(*(trade(10_000 + i, i) for i in range(10)))
    series = bars.take(*(trade(i, 60_000 + 100 * i) for i in range(1_300)))
    assert bars.statistics.restarts == 1
    assert minutes(series) == [1, 2, 3]
    assert series.complete.tolist() == [False, True, False]


def test_memory_is_constant_and_the_oldest_bars_are_forgotten():
    bars = Bars(capacity=3)
    size = bars.columns.memory_bytes
    series = bars.take(*(trade(i, i * MINUTE_MS) for i in range(10)))
    assert minutes(series) == [7, 8, 9]
    assert series.complete.tolist() == [True, True, False]
    assert bars.columns.memory_bytes == size
    series = bars.take(trade(10, 10**6 * MINUTE_MS))
    assert minutes(series) == [10**6 - 2, 10**6 - 1, 10**6]


def test_a_snapshot_never_changes():
    bars = Bars()
    series = bars.take(trade(1, 0))
    bars.take(trade(2, 1))
    assert series.buy_volume.tolist() == [1.0]
    with pytest.raises(ValueError, match="read-only"):
        series.buy_volume[0] = 5.0


markets = st.lists(
    st.tuples(st.integers(0, 40_000), st.floats(0.001, 1e6), st.booleans()), min_size=1, max_size=40
).map(
    lambda rows: [
        trade(7 + i, sum(row[0] for row in rows[: i + 1]), quantity=rows[i][1], buys=rows[i][2])
        for i in range(len(rows))
    ]
)


def complete_bars(series: FlowSeries) -> dict[int, tuple[float, ...]]:
    columns = (series.buy_volume, series.sell_volume, series.buy_quote_volume, series.trades)
    rows = np.column_stack(columns)
    at = np.flatnonzero(series.complete)
    return {int(series.open_time_ms[i]): tuple(rows[i].tolist()) for i in at}


@given(market=markets, data=st.data())
def test_any_order_loss_and_repetition_gives_the_same_complete_bars_or_calls_them_incomplete(
    market, data
):
    truth = complete_bars(Bars(1_000).take(*market))
    told = data.draw(st.lists(st.sampled_from(market), max_size=80))
    for open_ms, bar in complete_bars(Bars(1_000).take(*told)).items():
        assert truth[open_ms] == pytest.approx(bar, rel=1e-9)


@given(market=markets, data=st.data())
def test_any_repetition_of_what_was_told_changes_nothing(market, data):
    expected, bars = Bars(1_000).take(*market), Bars(1_000)
    for i in range(len(market)):
        bars.take(market[i], *data.draw(st.lists(st.sampled_from(market[: i + 1]), max_size=3)))
    series = bars.take()
    assert complete_bars(series) == complete_bars(expected)
    assert series.buy_volume.tolist() == expected.buy_volume.tolist()
    assert series.complete.tolist() == expected.complete.tolist()
    assert bars.statistics.trades_lost == 0
