import asyncio
from dataclasses import replace

import pytest

from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from tests.builders import START_MS, candles
from tests.core.paper_scene import (
    MINUTE,
    PAPER,
    FakeJournal,
    FakeStore,
    desk_over,
    pending,
)

HOUR = 60 * MINUTE
START_USD = PAPER.starting_equity_usd


def flat(n=180, symbol="BTCUSDT"):
    return candles([100.0] * n, symbol=symbol)


def at(minute):
    return START_MS + minute * MINUTE


def three():
    """One trade of each account."""
    return tuple(pending(i, source=source) for i, source in enumerate(Source, start=1))


def test_three_accounts_walk_the_same_candles_with_balances_of_their_own():
    trades = three()
    short = replace(trades[1], direction=Direction.SHORT, stop=105.0, target=90.0)
    journal = FakeJournal(trades[0], short)
    desk = desk_over(journal, FakeStore(candles([100.0, 100.0, 111.0])))
    asyncio.run(desk.walk("BTCUSDT", at(2)))
    won, lost = journal.trades[1], journal.trades[2]
    assert (won.exit_reason, lost.exit_reason) == (ExitReason.TARGET, ExitReason.STOP)
    assert desk.equity(Source.POLICY, {}).balance == START_USD + won.pnl
    assert desk.equity(Source.RULES, {}).balance == START_USD + lost.pnl
    assert desk.equity(Source.RANDOM, {}).balance == START_USD
    assert desk.last_exits(Source.POLICY) == {"BTCUSDT": won.exit_ms}
    assert desk.last_exits(Source.RANDOM) == {}
    assert desk.open_symbols == frozenset()
    assert desk.next_bar_ms("BTCUSDT") is None


def test_a_new_trade_is_taken_over_once_and_a_finished_one_never():
    journal = FakeJournal()
    desk = desk_over(journal, FakeStore(flat()))
    journal.trades = {1: pending(1), 2: pending(2, status=TradeStatus.CLOSED)}
    desk.adopt((1, 2))
    asyncio.run(desk.walk("BTCUSDT", at(3)))
    journal.trades[1] = pending(1)
    desk.adopt((1,))
    assert desk.next_bar_ms("BTCUSDT") == at(4)


def test_positions_hold_what_the_gate_looks_at():
    journal = FakeJournal(pending(1), pending(2, symbol="ETHUSDT", decided_ms=at(500)))
    desk = desk_over(journal, FakeStore(flat()))
    asyncio.run(desk.walk("BTCUSDT", at(3)))
    held = desk.positions(Source.POLICY, {"BTCUSDT": 102.0})
    assert held["BTCUSDT"].entry_price == pytest.approx(100.01)
    assert held["BTCUSDT"].notional == 204.0
    assert held["BTCUSDT"].pnl == desk.equity(Source.POLICY, {"BTCUSDT": 102.0}).open_pnl
    assert held["ETHUSDT"].entry_price is None
    assert held["ETHUSDT"].pnl == 0.0
    assert held["ETHUSDT"].notional == 2.0 * 95.0  # no price at all: near its stop
    assert desk.positions(Source.RULES, {}) == {}


def test_there_is_a_point_for_each_account_with_its_exposure():
    journal = FakeJournal(*three()[:2])
    desk = desk_over(journal, FakeStore(flat()))
    asyncio.run(desk.walk("BTCUSDT", at(3)))
    points = {point.source: point for point in desk.points(at(4), {"BTCUSDT": 101.0})}
    assert set(points) == set(Source)
    policy = points[Source.POLICY]
    assert policy.equity == policy.balance + policy.open_pnl
    assert policy.balance == START_USD
    assert policy.exposure == pytest.approx(202.0 / policy.equity)
    assert points[Source.RANDOM].exposure == 0.0
    assert {point.at_ms for point in points.values()} == {at(4)}


def test_a_restart_values_positions_at_the_newest_candle_that_is_known():
    journal = FakeJournal(pending(1))
    store = FakeStore(candles([100.0] * 10 + [103.0]))
    asyncio.run(desk_over(journal, store).walk("BTCUSDT", at(9)))
    again = desk_over(journal, store)
    assert again.positions(Source.POLICY, {})["BTCUSDT"].notional == 206.0
    forgotten = desk_over(journal, FakeStore())
    notional = forgotten.positions(Source.POLICY, {})["BTCUSDT"].notional
    assert notional == pytest.approx(2.0 * 100.01)


def test_a_call_to_close_is_of_one_account_and_survives_a_restart():
    journal = FakeJournal(*three())
    store = FakeStore(flat())
    desk = desk_over(journal, store)

    async def scenario():
        await desk.walk("BTCUSDT", at(3))
        await desk.close("BTCUSDT", Source.RULES, ExitReason.OPPOSITE, at(4) + 250)
        await desk_over(journal, store).walk("BTCUSDT", at(5))

    asyncio.run(scenario())
    left = [trade for trade in journal.trades.values() if trade.status is TradeStatus.CLOSED]
    assert [(t.source, t.exit_reason, t.exit_ms) for t in left] == [
        (Source.RULES, ExitReason.OPPOSITE, at(5))
    ]
