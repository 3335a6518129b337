"""What is visible at an instant, and that all views of it agree."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from core.simulator.agg_trades import trades_before, trades_between, trades_from
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bars, fold
from core.simulator.generated import EPOCH_DAY, GeneratedMarket
from core.simulator.premium import Premium, mark_bars
from core.simulator.seconds import DAY_MS, SECOND_MS
from core.simulator.tape import Tape

DAY = 20_700
NOON = DAY * DAY_MS + DAY_MS // 2 + 17 * MINUTE_MS + 23_400
SYMBOL = "BTCUSDT"


@pytest.fixture(scope="module")
def tape() -> Tape:
    return Tape(GeneratedMarket([SYMBOL], 7))


def assert_equal(one: Bars, other: Bars) -> None:
    for column in fields(Bars):
        np.testing.assert_array_equal(getattr(one, column.name), getattr(other, column.name))


@pytest.mark.parametrize("interval", KLINE_MINUTES)
def test_every_interval_is_the_fold_of_its_minutes(tape: Tape, interval: str):
    size = KLINE_MINUTES[interval]
    start_ms = (DAY - 2) * DAY_MS
    bars = tape.bars(SYMBOL, interval, start_ms, NOON, NOON, limit=1500)
    last_ms = int(bars.open_ms[-2]) + size * MINUTE_MS - 1
    minutes = tape.bars(SYMBOL, "1m", start_ms, last_ms, NOON, limit=10_000)
    tail = min(len(bars) - 1, 50)
    assert_equal(fold(minutes, size).rows(-tail, len(bars)), bars.rows(-tail - 1, -1))


@pytest.mark.parametrize("interval", ["1m", "15m", "1d"])
def test_the_running_candle_holds_what_was_traded_until_now(tape: Tape, interval: str):
    running = tape.newest_bars(SYMBOL, interval, NOON, NOON, limit=1)
    trades = trades_between(tape.market, SYMBOL, int(running.open_ms[0]), NOON, limit=10_000_000)
    assert running.volume[0] == sum(t.quantity for t in trades)
    assert running.quote[0] == sum(t.quantity * t.price for t in trades)
    assert running.buy[0] == sum(t.quantity for t in trades if not t.buyer_maker)
    assert running.high[0] == max(t.price for t in trades)
    assert running.close[0] == trades[-1].price == tape.price(SYMBOL, NOON)
    assert running.trades[0] == trades[-1].last_trade - running.first_trade[0] + 1


def test_a_candle_just_before_its_end_equals_the_closed_one(tape: Tape):
    end_ms = NOON - NOON % MINUTE_MS
    before = tape.newest_bars(SYMBOL, "1m", end_ms - 1, end_ms - 1, limit=1)
    after = tape.newest_bars(SYMBOL, "1m", end_ms, end_ms, limit=2)
    assert_equal(before, after.rows(0, 1))
    assert after.open_ms[-1] == end_ms


def test_the_limit_counts_from_the_start_or_from_the_end(tape: Tape):
    from_start = tape.bars(SYMBOL, "5m", NOON - DAY_MS, NOON, NOON, limit=3)
    from_end = tape.newest_bars(SYMBOL, "5m", NOON, NOON, limit=3)
    assert from_start.open_ms[0] >= NOON - DAY_MS > from_start.open_ms[0] - 5 * MINUTE_MS
    assert len(from_start) == len(from_end) == 3
    assert from_end.open_ms[-1] == NOON - NOON % (5 * MINUTE_MS)


def test_history_ends_at_the_epoch_and_the_future_is_hidden(tape: Tape):
    first = tape.bars(SYMBOL, "1h", 0, NOON, NOON, limit=2)
    assert first.open_ms[0] == EPOCH_DAY * DAY_MS
    assert len(tape.bars(SYMBOL, "1m", NOON + MINUTE_MS, NOON + DAY_MS, NOON, limit=10)) == 0
    assert len(tape.bars(SYMBOL, "1m", 0, 1_000, NOON, limit=10)) == 0
    assert tape.price(SYMBOL, 0) is None


def test_aggregate_trades_are_numbered_without_holes_within_a_day(tape: Tape):
    found = trades_between(tape.market, SYMBOL, NOON - 60_000, NOON, limit=1_000)
    assert [t.id for t in found] == list(range(found[0].id, found[0].id + len(found)))
    assert all(b.first_trade == a.last_trade + 1 for a, b in pairwise(found))
    assert trades_from(tape.market, SYMBOL, found[7].id, NOON, limit=5) == found[7:12]
    assert trades_before(tape.market, SYMBOL, NOON, limit=20) == found[-20:]


def test_trades_of_two_halves_are_those_of_the_whole(tape: Tape):
    middle = NOON - 30_001
    whole = trades_between(tape.market, SYMBOL, NOON - 60_000, NOON, limit=1_000)
    first = trades_between(tape.market, SYMBOL, NOON - 60_000, middle, limit=1_000)
    second = trades_between(tape.market, SYMBOL, middle + 1, NOON, limit=1_000)
    assert first + second == whole


def test_trades_cross_midnight(tape: Tape):
    midnight = DAY * DAY_MS
    found = trades_between(
        tape.market, SYMBOL, midnight - 3 * SECOND_MS, midnight + 3 * SECOND_MS, limit=100
    )
    times = [t.time_ms for t in found]
    assert times == sorted(times)
    assert times[0] < midnight <= times[-1]


@pytest.mark.parametrize("interval", ["1m", "1h", "1d"])
def test_mark_candles_hold_their_open_and_close(tape: Tape, interval: str):
    premium = Premium(tape.market)
    bars = tape.newest_bars(SYMBOL, interval, NOON, NOON, limit=5)
    marks = mark_bars(tape, premium, SYMBOL, interval, bars, NOON)
    assert (marks.high >= np.maximum(marks.open, marks.close)).all()
    assert (marks.low <= np.minimum(marks.open, marks.close)).all()
    price = tape.price(SYMBOL, NOON)
    assert price is not None
    listing = tape.market.listings[SYMBOL]
    now = premium.marks(SYMBOL, listing.price(price), NOON)
    assert marks.close[-1] == pytest.approx(now.mark)
    assert abs(now.rate) < 0.001
    assert now.next_funding_ms % (8 * 3_600_000) == 0
