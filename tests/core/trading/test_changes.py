"""What a person does to a trade."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.signal import Direction
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.changes import close_by_hand, movable, moved, split
from core.trading.costs import Costs
from core.trading.paper_broker import call_close, walk
from tests.builders import START_MS, candle
from tests.core.paper_scene import MINUTE, pending

COSTS = Costs(taker_fee=0.0005, slippage=0.0002, maker_fee=0.0002)
money = st.floats(-1e6, 1e6)


def at(minute: int) -> int:
    return START_MS + minute * MINUTE


def opened(**changes: object) -> Trade:
    """A long of 2 from 100, walked up to the end of minute 1."""
    trade = walk(pending(), candle(at(1)), COSTS)
    assert trade.status is TradeStatus.OPEN
    return replace(trade, **changes)


@given(steps=st.integers(2, 10**6), part=st.integers(1, 10**6), fees=money, funding=money)
def test_the_parts_of_a_trade_add_up_to_it_exactly(steps, part, fees, funding):
    step = Decimal("0.001")
    quantity = min(part, steps - 1) * step
    whole = opened(quantity=float(steps * step), fees=fees, funding=funding)
    stays, left = split(whole, quantity)
    for name in ("fees", "funding"):
        parts = (Fraction(getattr(each, name)) for each in (stays, left))
        assert sum(parts) == Fraction(getattr(whole, name))
    quantities = [Decimal(repr(each.quantity)) for each in (stays, left)]
    assert sum(quantities) == Decimal(repr(whole.quantity))
    assert left.part_of == whole.id
    assert left.signal_id is None


def test_parts_that_leave_together_leave_what_the_whole_would_have():
    whole = opened()
    stays, left = split(whole, Decimal("0.5"))
    bar = candle(at(2), 104.0)
    ends = [walk(call_close(each, ExitReason.BY_HAND, at(2)), bar, COSTS) for each in (stays, left)]
    alone = walk(call_close(whole, ExitReason.BY_HAND, at(2)), bar, COSTS)
    assert sum(end.pnl for end in ends) == pytest.approx(alone.pnl, rel=1e-12)
    assert [end.r_multiple for end in ends] == pytest.approx([alone.r_multiple] * 2, rel=1e-12)


@pytest.mark.parametrize("quantity", ["0", "2", "3"])
def test_a_part_leaves_something_of_an_open_trade(quantity):
    with pytest.raises(ValueError, match="of trade 1"):
        split(opened(), Decimal(quantity))


def test_a_moved_stop_is_not_hit_by_what_its_minute_had_printed_already():
    trade = moved(opened(), 99.0, None, at(2) + 30_000)
    dipped = walk(trade, candle(at(2), low=98.0), COSTS)
    assert (dipped.status, dipped.stop) == (TradeStatus.OPEN, 95.0)
    hit = walk(dipped, candle(at(3), low=98.0), COSTS)
    assert (hit.exit_reason, hit.exit_price) == (ExitReason.STOP, pytest.approx(99.0 * 0.9998))


def test_r_is_measured_by_the_stop_of_the_entry_wherever_it_was_moved_to():
    trade = moved(opened(), 100.02, None, at(2))  # at the price of the entry
    trade = moved(walk(trade, candle(at(2), 101.0), COSTS), 100.5, None, at(3))
    bar = candle(at(3), 101.0)
    out = walk(walk(trade, bar, COSTS), candle(at(4), 100.4), COSTS)
    assert out.entry_stop == 95.0
    assert out.r_multiple == pytest.approx(out.pnl / (abs(out.entry_price - 95.0) * 2.0))


def test_a_level_that_is_moved_before_the_entry_is_that_of_the_entry():
    trade = moved(pending(), 97.0, 120.0, START_MS + 2)
    trade = walk(trade, candle(at(1)), COSTS)
    assert (trade.stop, trade.target, trade.entry_stop) == (97.0, 120.0, None)


def test_two_moves_of_one_minute_are_one_and_an_earlier_one_is_waited_for():
    trade = moved(opened(), 98.0, None, at(2) + 1)
    both = moved(trade, None, 120.0, at(2) + 2)
    assert (both.moved_stop, both.moved_target) == (98.0, 120.0)
    assert not movable(both, at(3) + 1)
    with pytest.raises(ValueError, match="has a move"):
        moved(both, 99.0, None, at(3) + 1)


def test_an_entry_is_withdrawn_until_its_open_and_closed_after_it():
    assert close_by_hand(pending(), START_MS + 2).status is TradeStatus.REFUSED
    late = close_by_hand(pending(), at(1))
    assert (late.status, late.close_reason) == (TradeStatus.PENDING, ExitReason.BY_HAND)
    entered = walk(late, candle(at(1)), COSTS)
    assert walk(entered, candle(at(2)), COSTS).exit_ms == at(2)


@pytest.mark.parametrize("direction", [Direction.LONG, Direction.SHORT])
def test_what_is_over_stays_as_it_is(direction):
    over = replace(pending(direction=direction), status=TradeStatus.CLOSED)
    assert close_by_hand(over, at(5)) == over
