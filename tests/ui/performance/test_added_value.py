"""What deciding added: paired entries, and no interval that pretends."""

from dataclasses import replace

import pytest

from core.model.intervals import Interval
from core.model.trade import TradeStatus
from tests.ui.performance.history import trade
from ui.performance.added_value import added_value as value_added


def added_value(trades, others):
    return value_added(trades, others, Interval.M15)


def test_where_both_did_the_same_nothing_was_added_and_nothing_is_uncertain():
    trades = [trade(n, 40.0 if n % 3 else -50.0) for n in range(30)]
    added = added_value(trades, trades)
    assert (added.entries, added.usd, added.r) == (30, 0.0, 0.0)
    assert (added.usd_bounds.low, added.usd_bounds.high) == (0.0, 0.0)
    assert (added.r_bounds.low, added.r_bounds.high) == (0.0, 0.0)


def test_an_entry_only_one_made_counts_as_nothing_for_the_other():
    added = added_value([trade(1, 100.0), trade(2, -50.0)], [trade(2, -50.0), trade(3, -30.0)])
    assert added.entries == 3
    assert added.usd == pytest.approx(130.0)
    assert added.r == pytest.approx((2.0 + 0.0 + 0.6) / 3)


def test_below_ten_entries_there_is_no_interval():
    few = added_value([trade(n) for n in range(9)], [])
    assert few.r_bounds is None
    assert few.usd_bounds is None


def test_the_interval_of_the_sum_holds_the_sum():
    added = added_value([trade(n, 80.0 if n % 2 else -45.0) for n in range(60)], [])
    assert added.usd_bounds.low < added.usd < added.usd_bounds.high
    assert added.r_bounds.low < added.r < added.r_bounds.high


def test_parts_of_a_trade_are_one_entry_weighted_by_their_size():
    parts = [
        trade(1, 90.0, quantity=0.9, r_multiple=2.0),
        trade(1, -10.0, id=2, quantity=0.1, r_multiple=-2.0, part_of=1),
    ]
    added = added_value(parts, [])
    assert added.entries == 1
    assert added.usd == pytest.approx(80.0)
    assert added.r == pytest.approx(1.6)


def test_what_is_open_and_what_is_not_there_add_nothing():
    still_open = replace(trade(1), status=TradeStatus.OPEN, pnl=None, r_multiple=None)
    nothing = added_value([still_open], [])
    assert (nothing.entries, nothing.usd, nothing.r) == (0, 0.0, None)


def test_a_model_that_took_its_time_decided_on_the_same_bar():
    slow = [trade(n, decided_ms=trade(n).decided_ms + 4_200) for n in range(12)]
    added = added_value(slow, [trade(n) for n in range(12)])
    assert (added.entries, added.usd, added.usd_bounds.high) == (12, 0.0, 0.0)
