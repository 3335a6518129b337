from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.condition import Condition, Side
from core.model.intervals import Interval
from core.model.signal import Direction
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.paper_broker import Costs, call_close, open_pnl, walk
from tests.builders import START_MS, candle, random_walk

MINUTE = 60_000
FREE = Costs(taker_fee=0.0, slippage=0.0)
COSTS = Costs(taker_fee=0.0005, slippage=0.0001, maker_fee=0.0002)


def pending(direction=Direction.LONG, **changes):
    stop, target = (95.0, 110.0) if direction is Direction.LONG else (105.0, 90.0)
    trade = Trade(
        id=1,
        symbol="BTCUSDT",
        direction=direction,
        status=TradeStatus.PENDING,
        quantity=2.0,
        decided_ms=START_MS + 1,
        stop=stop,
        target=target,
        last_bar_ms=START_MS - MINUTE,
    )
    return replace(trade, **changes)


def bar(i, open_=100.0, high=None, low=None, close=None):
    close = open_ if close is None else close
    prices = (open_, close, *(price for price in (high, low) if price is not None))
    return candle(START_MS + i * MINUTE, close, open=open_, high=max(prices), low=min(prices))


def walked(trade, *bars, costs=FREE):
    for each in bars:
        trade = walk(trade, each, costs)
    return trade


def opened(direction=Direction.LONG, costs=FREE):
    trade = walked(pending(direction), bar(1), costs=costs)
    assert trade.status is TradeStatus.OPEN
    return trade


def test_an_entry_waits_for_the_first_candle_that_opens_after_the_decision():
    waiting = walked(pending(), bar(0, 99.0))
    assert (waiting.status, waiting.last_bar_ms) == (TradeStatus.PENDING, START_MS)
    trade = walked(waiting, bar(1, 101.0))
    assert (trade.status, trade.entry_ms) == (TradeStatus.OPEN, START_MS + MINUTE)
    assert trade.entry_price == 101.0


def test_a_candle_that_opens_in_the_very_millisecond_of_the_decision_fills():
    assert walked(pending(decided_ms=START_MS), bar(0)).entry_ms == START_MS


@pytest.mark.parametrize(
    ("direction", "entry"), [(Direction.LONG, 100.01), (Direction.SHORT, 99.99)]
)
def test_an_entry_slips_against_us_and_pays_its_fee(direction, entry):
    trade = opened(direction, COSTS)
    assert trade.entry_price == pytest.approx(entry)
    assert trade.fees == pytest.approx(entry * 2.0 * 0.0005)


@pytest.mark.parametrize(
    ("direction", "open_", "reason"),
    [
        (Direction.LONG, 95.0, ExitReason.BEYOND_STOP),
        (Direction.LONG, 110.0, ExitReason.BEYOND_TARGET),
        (Direction.SHORT, 105.0, ExitReason.BEYOND_STOP),
        (Direction.SHORT, 90.0, ExitReason.BEYOND_TARGET),
    ],
)
def test_an_entry_beyond_a_level_is_refused_for_good(direction, open_, reason):
    trade = walked(pending(direction), bar(1, open_), bar(2), bar(3))
    assert (trade.status, trade.exit_reason) == (TradeStatus.REFUSED, reason)
    assert trade.entry_price is None
    assert trade.pnl is None
    assert trade.fees == 0.0


@pytest.mark.parametrize("direction", [Direction.LONG, Direction.SHORT])
def test_a_price_that_ran_away_is_not_followed(direction):
    sign = direction.sign
    trade = pending(direction, stop=100.0 - sign * 3.0, target=100.0 + sign * 7.5)
    just = 100.0 + sign * 3.9  # 3.6 to win, 6.9 at stake
    gone = 100.0 + sign * 4.1  # 3.4 to win, 7.1 at stake
    assert walked(trade, bar(1, just)).status is TradeStatus.OPEN
    refused = walked(trade, bar(1, gone))
    assert (refused.status, refused.exit_reason) == (TradeStatus.REFUSED, ExitReason.RAN_AWAY)


@pytest.mark.parametrize(
    ("direction", "event", "price", "reason", "r"),
    [
        (Direction.LONG, {"low": 95.0}, 95.0, ExitReason.STOP, -1.0),
        (Direction.LONG, {"high": 110.0}, 110.0, ExitReason.TARGET, 2.0),
        (Direction.SHORT, {"high": 105.0}, 105.0, ExitReason.STOP, -1.0),
        (Direction.SHORT, {"low": 90.0}, 90.0, ExitReason.TARGET, 2.0),
        (Direction.LONG, {"low": 90.0, "high": 120.0}, 95.0, ExitReason.STOP, -1.0),
        (Direction.SHORT, {"low": 80.0, "high": 110.0}, 105.0, ExitReason.STOP, -1.0),
        (Direction.LONG, {"open_": 93.0, "high": 120.0}, 93.0, ExitReason.STOP, -1.4),
        (Direction.LONG, {"open_": 112.0, "low": 90.0}, 112.0, ExitReason.TARGET, 2.4),
        (Direction.SHORT, {"open_": 107.0, "low": 80.0}, 107.0, ExitReason.STOP, -1.4),
        (Direction.SHORT, {"open_": 88.0, "high": 120.0}, 88.0, ExitReason.TARGET, 2.4),
    ],
    ids=[
        "long stop", "long target", "short stop", "short target", "long both", "short both",
        "long gap below stop", "long gap above target", "short gap above stop",
        "short gap below target",
    ],
)  # fmt: skip
def test_exits_without_costs(direction, event, price, reason, r):
    trade = walked(opened(direction), bar(2, **event))
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, reason)
    assert trade.exit_price == price
    assert trade.r_multiple == pytest.approx(r)
    assert trade.pnl == pytest.approx(r * 10.0)


def test_an_exit_at_the_open_has_its_time_and_one_inside_the_candle_has_the_close():
    assert walked(opened(), bar(2, 93.0)).exit_ms == START_MS + 2 * MINUTE
    assert walked(opened(), bar(2, low=95.0)).exit_ms == START_MS + 3 * MINUTE - 1


def test_the_stop_can_be_hit_in_the_candle_of_the_entry():
    trade = walked(pending(), bar(1, low=90.0, high=120.0))
    assert (trade.status, trade.exit_reason) == (TradeStatus.CLOSED, ExitReason.STOP)


def test_a_stop_slips_and_a_target_does_not():
    stopped = walked(opened(costs=COSTS), bar(2, low=95.0), costs=COSTS)
    reached = walked(opened(costs=COSTS), bar(2, high=110.0), costs=COSTS)
    assert stopped.exit_price == pytest.approx(95.0 * 0.9999)
    assert reached.exit_price == 110.0
    assert stopped.r_multiple < -1.0


def test_a_target_pays_the_fee_of_an_order_that_rested_and_a_stop_that_of_a_market_order():
    entry_fee = 100.01 * 2.0 * 0.0005
    reached = walked(opened(costs=COSTS), bar(2, high=110.0), costs=COSTS)
    gapped = walked(opened(costs=COSTS), bar(2, 112.0), costs=COSTS)
    stopped = walked(opened(costs=COSTS), bar(2, low=95.0), costs=COSTS)
    assert reached.fees == pytest.approx(entry_fee + 110.0 * 2.0 * 0.0002)
    assert gapped.fees == pytest.approx(entry_fee + 112.0 * 2.0 * 0.0002)
    assert stopped.fees == pytest.approx(entry_fee + 95.0 * 0.9999 * 2.0 * 0.0005)


@pytest.mark.parametrize(
    ("direction", "target", "pnl"),
    [
        # 2 * (110 - 100.01) - 2 * 100.01 * 0.0005 - 2 * 110 * 0.0002
        (Direction.LONG, {"high": 110.0}, 19.98 - 0.10001 - 0.044),
        # 2 * (99.99 - 90) - 2 * 99.99 * 0.0005 - 2 * 90 * 0.0002
        (Direction.SHORT, {"low": 90.0}, 19.98 - 0.09999 - 0.036),
    ],
)
def test_a_worked_example(direction, target, pnl):
    trade = walked(opened(direction, COSTS), bar(2, **target), costs=COSTS)
    assert trade.pnl == pytest.approx(pnl, abs=1e-12)
    assert trade.r_multiple == pytest.approx(pnl / (5.01 * 2.0))  # 5 to the stop, 0.01 slipped


BELOW_98 = Condition(Side.BELOW, 98.0, Interval.M5)


@pytest.mark.parametrize(
    ("closes", "exit_bar"),
    [
        ([100.0, 97.0, 97.0, 99.0], None),  # below inside the 5m candle only
        ([100.0, 99.0, 99.0, 97.5], 5),  # the 1m candle of minute 4 ends the 5m candle
        ([97.0, 97.0, 97.0, 98.0], None),  # on the price is not below it
    ],
)
def test_an_invalidation_is_judged_at_the_close_of_its_own_candle_and_filled_at_the_next_open(
    closes, exit_bar
):
    trade = pending(invalidation=(BELOW_98,))
    bars = [bar(i, 100.0, close=close) for i, close in enumerate(closes, start=1)]
    trade = walked(trade, *bars, costs=COSTS)
    assert trade.status is TradeStatus.OPEN
    trade = walked(trade, bar(5, 98.5), costs=COSTS)
    if exit_bar is None:
        assert (trade.status, trade.close_ms) == (TradeStatus.OPEN, None)
    else:
        assert (trade.exit_reason, trade.exit_ms) == (
            ExitReason.INVALIDATED,
            START_MS + exit_bar * MINUTE,
        )
        assert trade.exit_price == pytest.approx(98.5 * 0.9999)


def test_the_candle_of_the_entry_can_already_invalidate():
    condition = Condition(Side.ABOVE, 101.0, Interval.M1)
    trade = walked(pending(Direction.SHORT, invalidation=(condition,)), bar(1, close=102.0))
    assert trade.close_ms == START_MS + 2 * MINUTE
    assert walked(trade, bar(2, 101.5)).exit_reason is ExitReason.INVALIDATED


def test_time_is_up_at_the_first_open_from_the_expiry_on():
    trade = pending(expires_ms=START_MS + 2 * MINUTE + 1)
    trade = walked(trade, bar(1), bar(2), costs=COSTS)
    assert trade.status is TradeStatus.OPEN
    trade = walked(trade, bar(3, 101.0), costs=COSTS)
    assert (trade.exit_reason, trade.exit_ms) == (ExitReason.EXPIRED, START_MS + 3 * MINUTE)
    assert trade.exit_price == pytest.approx(101.0 * 0.9999)


def test_a_close_that_was_asked_for_is_filled_at_the_next_open_against_us():
    asked = call_close(opened(Direction.SHORT), ExitReason.OPPOSITE, START_MS + 2 * MINUTE + 900)
    waiting = walked(asked, bar(2), costs=COSTS)
    assert waiting.status is TradeStatus.OPEN
    trade = walked(waiting, bar(3, 99.0), costs=COSTS)
    assert (trade.exit_reason, trade.exit_ms) == (ExitReason.OPPOSITE, START_MS + 3 * MINUTE)
    assert trade.exit_price == pytest.approx(99.0 * 1.0001)


@pytest.mark.parametrize(
    ("event", "reason"),
    [({"open_": 94.0}, ExitReason.STOP), ({"open_": 111.0}, ExitReason.TARGET)],
)
def test_an_open_beyond_a_level_comes_before_a_close_that_was_asked_for(event, reason):
    asked = call_close(opened(), ExitReason.ANALYST, START_MS + 2 * MINUTE)
    assert walked(asked, bar(2, **event)).exit_reason is reason


def test_a_close_that_was_asked_for_comes_before_what_the_same_candle_does_later():
    asked = call_close(opened(), ExitReason.ANALYST, START_MS + 2 * MINUTE)
    trade = walked(asked, bar(2, 100.0, low=90.0))
    assert (trade.exit_reason, trade.exit_price) == (ExitReason.ANALYST, 100.0)


def test_the_earliest_call_to_close_stands_in_whatever_order_they_come():
    first = (ExitReason.OPPOSITE, START_MS + 5 * MINUTE)
    second = (ExitReason.ANALYST, START_MS + 6 * MINUTE)
    for calls in ((first, second), (second, first)):
        trade = opened()
        for reason, at_ms in calls:
            trade = call_close(trade, reason, at_ms)
        assert (trade.close_reason, trade.close_ms) == first


def test_a_call_to_close_before_the_entry_is_heard_after_the_candle_of_the_entry():
    trade = walked(call_close(pending(), ExitReason.OPPOSITE, START_MS), bar(1), bar(2, 101.0))
    assert (trade.entry_ms, trade.exit_ms) == (START_MS + MINUTE, START_MS + 2 * MINUTE)
    assert trade.exit_reason is ExitReason.OPPOSITE


def test_what_is_over_cannot_be_closed_again():
    trade = walked(opened(), bar(2, low=95.0))
    assert call_close(trade, ExitReason.OPPOSITE, START_MS + 9 * MINUTE) is trade


def test_a_closed_trade_stays_as_it_is():
    trade = walked(opened(), bar(2, low=95.0))
    assert walked(trade, bar(3, high=200.0)) is trade


def test_open_pnl_is_what_closing_now_would_leave():
    trade = opened(costs=COSTS)
    now = open_pnl(trade, 102.0, COSTS)
    sold = 102.0 * 0.9999
    expected = (sold - 100.01) * 2.0 - 100.01 * 2.0 * 0.0005 - sold * 2.0 * 0.0005
    assert now == pytest.approx(expected)
    assert open_pnl(replace(trade, funding=1.5), 102.0, COSTS) == pytest.approx(expected - 1.5)
    assert open_pnl(pending(), 102.0, COSTS) == 0.0
    assert open_pnl(walked(trade, bar(2, 90.0), costs=COSTS), 102.0, COSTS) == 0.0


def test_costs_must_be_fractions():
    with pytest.raises(ValueError, match=r"costs must be in \[0, 1\)"):
        Costs(taker_fee=5.0, slippage=0.0)


directions = st.sampled_from([Direction.LONG, Direction.SHORT])


@st.composite
def markets(draw):
    """A trade and the minutes it lives through."""
    direction = draw(directions)
    distance = draw(st.floats(0.2, 4.0))
    sign = direction.sign
    trade = pending(
        direction,
        decided_ms=START_MS + draw(st.integers(0, 10 * MINUTE)),
        stop=100.0 - sign * distance,
        target=100.0 + sign * distance * draw(st.floats(0.5, 3.0)),
        quantity=draw(st.floats(0.001, 1000.0)),
    )
    return trade, list(random_walk(150, seed=draw(st.integers(0, 500))))


@given(markets(), st.lists(st.integers(0, 149), max_size=5))
def test_restarts_and_repeated_candles_change_nothing(market, restarts):
    trade, bars = market
    straight = walked(trade, *bars, costs=COSTS)
    again = trade
    for stop_at in sorted(restarts):  # each restart walks from the first candle again
        again = walked(replace(again), *bars[:stop_at], costs=COSTS)
    assert walked(again, *bars, costs=COSTS) == straight


@given(markets())
def test_pnl_is_the_move_less_the_fees_of_both_sides(market):
    trade = walked(market[0], *market[1], costs=COSTS)
    if trade.status is TradeStatus.CLOSED:
        gross = trade.direction.sign * (trade.exit_price - trade.entry_price) * trade.quantity
        reached = trade.exit_reason is ExitReason.TARGET
        left = trade.exit_price * (COSTS.maker_fee if reached else COSTS.taker_fee)
        fees = (trade.entry_price * COSTS.taker_fee + left) * trade.quantity
        assert trade.fees == pytest.approx(fees)
        assert trade.pnl == pytest.approx(gross - fees, abs=1e-9)
        risked = abs(trade.entry_price - trade.stop) * trade.quantity
        assert trade.r_multiple == pytest.approx(trade.pnl / risked)


@given(markets())
def test_nothing_fills_before_the_decision_or_leaves_before_it_entered(market):
    trade = walked(market[0], *market[1], costs=COSTS)
    if trade.entry_ms is not None:
        assert trade.entry_ms >= trade.decided_ms
    if trade.exit_ms is not None and trade.entry_ms is not None:
        assert trade.exit_ms >= trade.entry_ms


@given(markets(), st.integers(0, 150))
def test_what_happened_does_not_depend_on_later_candles(market, n):
    trade, bars = market
    then = walked(trade, *bars[:n], costs=COSTS)
    end = walked(then, *bars[n:], costs=COSTS)
    if then.status in {TradeStatus.CLOSED, TradeStatus.REFUSED}:
        assert end == then
    if then.entry_price is not None:
        assert (end.entry_ms, end.entry_price) == (then.entry_ms, then.entry_price)
