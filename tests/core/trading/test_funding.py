from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.funding import Settlement
from core.model.signal import Direction
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.funding import LISTED_WITHIN_MS, funding_due, settled
from core.trading.paper_broker import Costs, open_pnl, walk
from tests.builders import START_MS, candle

MINUTE = 60_000
HOUR = 60 * MINUTE
FREE = Costs(taker_fee=0.0, slippage=0.0)


def held(direction=Direction.LONG, *, since=-HOUR, walked_to=9 * HOUR, **changes):
    """An open trade of 2 at 100, entered an hour before midnight and walked for nine more."""
    sign = direction.sign
    trade = Trade(
        id=1,
        symbol="BTCUSDT",
        direction=direction,
        status=TradeStatus.OPEN,
        quantity=2.0,
        decided_ms=START_MS + since,
        stop=100.0 - sign * 5.0,
        target=100.0 + sign * 10.0,
        last_bar_ms=START_MS + walked_to - MINUTE,
        entry_ms=START_MS + since,
        entry_price=100.0,
        funding_ms=START_MS + since,
    )
    return replace(trade, **changes)


def closed(trade, at):
    """The same, left at the open of a candle at 110: a gain of 20 before funding."""
    trade = replace(trade, last_bar_ms=START_MS + at - MINUTE)
    left = walk(trade, candle(START_MS + at, 110.0), FREE)
    assert left.exit_reason in {ExitReason.TARGET, ExitReason.STOP}
    return left


def settlement(at, rate=0.0001, mark: float | None = 101.0):
    return Settlement(START_MS + at, rate, mark)


@pytest.mark.parametrize(
    ("direction", "rate", "paid"),
    [
        (Direction.LONG, 0.0001, 2 * 101.0 * 0.0001),
        (Direction.LONG, -0.0003, -2 * 101.0 * 0.0003),
        (Direction.SHORT, 0.0001, -2 * 101.0 * 0.0001),
        (Direction.SHORT, -0.0003, 2 * 101.0 * 0.0003),
    ],
)
def test_longs_pay_a_positive_rate_on_the_notional_at_the_mark_price(direction, rate, paid):
    trade = settled(held(direction), [settlement(8 * HOUR, rate)], START_MS + 9 * HOUR)
    assert trade.funding == pytest.approx(paid)
    assert open_pnl(trade, 100.0, FREE) == pytest.approx(-paid)


def test_without_a_mark_price_the_price_of_the_entry_counts():
    trade = settled(held(), [settlement(8 * HOUR, mark=None)], START_MS + 9 * HOUR)
    assert trade.funding == pytest.approx(2 * 100.0 * 0.0001)


@pytest.mark.parametrize(("entered", "pays"), [(-MINUTE, True), (0, False), (MINUTE, False)])
def test_an_entry_at_the_open_of_the_settlement_does_not_pay(entered, pays):
    trade = settled(held(since=entered), [settlement(0)], START_MS + HOUR)
    assert (trade.funding > 0.0) is pays


@pytest.mark.parametrize(("left", "pays"), [(8 * HOUR - MINUTE, False), (8 * HOUR, True)])
def test_an_exit_at_the_open_of_the_settlement_pays(left, pays):
    trade = settled(closed(held(), left), [settlement(8 * HOUR)], START_MS + 9 * HOUR)
    assert (trade.funding > 0.0) is pays


def test_an_exit_inside_the_candle_before_the_settlement_does_not_pay():
    trade = replace(held(), last_bar_ms=START_MS + 8 * HOUR - 2 * MINUTE)
    bar = candle(START_MS + 8 * HOUR - MINUTE, 100.0, low=90.0)
    trade = settled(walk(trade, bar, FREE), [settlement(8 * HOUR)], START_MS + 9 * HOUR)
    assert (trade.status, trade.funding) == (TradeStatus.CLOSED, 0.0)


def test_the_result_of_a_closed_trade_follows():
    before = closed(held(), 8 * HOUR + MINUTE)
    after = settled(before, [settlement(8 * HOUR)], START_MS + 9 * HOUR)
    assert after.pnl == pytest.approx(20.0 - 0.0202)
    assert after.r_multiple == pytest.approx((20.0 - 0.0202) / 10.0)
    assert after.funding_ms == START_MS + 8 * HOUR
    assert not funding_due(after, START_MS + 99 * HOUR)


def test_a_settlement_that_the_exchange_dates_a_little_late_is_that_of_its_hour():
    late = [settlement(8 * HOUR + 7)]
    assert settled(held(since=8 * HOUR), late, START_MS + 9 * HOUR).funding == 0.0
    once = settled(held(), late, START_MS + 8 * HOUR + MINUTE)
    assert once.funding_ms == START_MS + 8 * HOUR
    assert settled(once, late, START_MS + 8 * HOUR + 2 * MINUTE) is once


def test_an_open_trade_pays_only_as_far_as_it_was_walked():
    behind = held(walked_to=3 * HOUR)
    assert not funding_due(replace(behind, last_bar_ms=START_MS - 2 * MINUTE), START_MS + HOUR)
    told = [settlement(8 * HOUR)]
    once = settled(behind, told, START_MS + 9 * HOUR)
    assert (once.funding, once.funding_ms) == (0.0, START_MS + 3 * HOUR)
    caught_up = replace(once, last_bar_ms=START_MS + 9 * HOUR)
    assert settled(caught_up, told, START_MS + 9 * HOUR).funding > 0.0


def test_what_is_listed_minutes_late_is_still_paid():
    hour = START_MS + 8 * HOUR
    asked = settled(held(), [], hour + LISTED_WITHIN_MS - 1)
    assert funding_due(asked, hour + LISTED_WITHIN_MS - 1)
    assert settled(asked, [settlement(8 * HOUR)], hour + LISTED_WITHIN_MS).funding > 0.0


def test_an_hour_without_settlement_is_asked_for_until_it_would_be_listed():
    hour = START_MS + 8 * HOUR
    trade = settled(held(), [], hour + LISTED_WITHIN_MS)
    assert trade.funding_ms == hour
    assert not funding_due(trade, hour + 59 * MINUTE)
    assert funding_due(trade, hour + HOUR)


def test_what_never_entered_pays_nothing():
    waiting = replace(
        held(), status=TradeStatus.PENDING, entry_ms=None, entry_price=None, funding_ms=None
    )
    assert not funding_due(waiting, START_MS + 99 * HOUR)
    assert settled(waiting, [settlement(8 * HOUR)], START_MS + 9 * HOUR) is waiting


def test_a_trade_of_an_older_version_pays_from_its_entry_on():
    trade = settled(held(funding_ms=None), [settlement(8 * HOUR)], START_MS + 9 * HOUR)
    assert trade.funding > 0.0


ASKED = st.lists(st.integers(1, 40 * 60), max_size=6).map(sorted)


@given(ASKED, st.integers(1, 30 * 60), st.sampled_from([1, 4, 8]), st.integers(0, 9))
def test_each_settlement_is_paid_once_whenever_and_however_often_it_is_asked_for(
    asked, left, every, listed_after
):
    """Whatever the exchange lists late, before the exit or after it, the result is the same."""
    told = [settlement(h * HOUR, 0.0001 * (1 + h % 3)) for h in range(0, 48, every)]
    exit_ms = START_MS + left * MINUTE
    whole = settled(closed(held(), left * MINUTE), told, START_MS + 48 * HOUR)
    trade = held()
    for minute in [*asked, 48 * 60]:
        now_ms = START_MS + minute * MINUTE
        if trade.exit_ms is None:
            trade = replace(trade, last_bar_ms=min(now_ms, exit_ms) - MINUTE)
            if now_ms > exit_ms:
                trade = walk(trade, candle(exit_ms, 110.0), FREE)
        listed = [s for s in told if s.at_ms + listed_after * MINUTE <= now_ms]
        trade = settled(trade, listed, now_ms)
    assert trade == whole
    paid = [s for s in told if s.at_ms <= exit_ms]
    assert whole.funding == pytest.approx(sum(2.0 * 101.0 * s.rate for s in paid))
