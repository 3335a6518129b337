import asyncio
from dataclasses import replace

import pytest

from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from core.paper_desk import PaperDesk
from core.paper_trades import CloseCall
from tests.builders import START_MS, candles
from tests.core.paper_scene import (
    MINUTE,
    PAPER,
    FakeExchange,
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
    desk = desk_over(journal, FakeStore(candles([100.0, 100.0, 100.0, 102.0])))
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
    desk = desk_over(journal, FakeStore(candles([100.0, 100.0, 100.0, 101.0])))
    asyncio.run(desk.walk("BTCUSDT", at(3)))
    points = {point.source: point for point in desk.points(at(4), {})}
    assert set(points) == set(Source)
    policy = points[Source.POLICY]
    assert policy.equity == policy.balance + policy.open_pnl
    assert policy.balance == START_USD
    assert policy.exposure == pytest.approx(202.0 / policy.equity)
    assert points[Source.RANDOM].exposure == 0.0
    assert {point.at_ms for point in points.values()} == {at(4)}


def test_a_restart_values_positions_at_the_newest_candle_that_they_have_seen():
    journal = FakeJournal(pending(1))
    store = FakeStore(candles([100.0, 100.0, 103.0, 90.0]))
    asyncio.run(desk_over(journal, store).walk("BTCUSDT", at(2)))
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


def test_an_open_trade_is_never_worth_a_close_that_its_stop_may_have_come_before():
    journal = FakeJournal(pending(1))
    desk = desk_over(journal, FakeStore(candles([100.0, 100.0, 94.0, 60.0])))
    asyncio.run(desk.walk("BTCUSDT", at(1)))
    before = desk.equity(Source.POLICY, {})
    assert desk.equity(Source.POLICY, {"BTCUSDT": 60.0}) == before
    (point,) = [p for p in desk.points(at(4), {"BTCUSDT": 60.0}) if p.source is Source.POLICY]
    assert point.equity == before.total
    asyncio.run(desk.walk("BTCUSDT", at(3)))
    assert journal.trades[1].exit_reason is ExitReason.STOP
    assert desk.equity(Source.POLICY, {"BTCUSDT": 60.0}).total > START_USD - 20.0


def test_what_a_walk_found_counts_for_the_equity_only_once_it_is_saved():
    journal = FakeJournal(pending(1))
    room = asyncio.Event()
    told = []

    async def waits(write, *arguments):
        told.append(True)
        await room.wait()
        return write(*arguments)

    store = FakeStore(candles([100.0, 100.0, 94.0]))
    asyncio.run(desk_over(journal, store).walk("BTCUSDT", at(1)))
    desk = PaperDesk(store, journal, journal, paper=PAPER, write=waits, settlements=FakeExchange())
    desk.recover()

    async def scenario():
        before = desk.equity(Source.POLICY, {})
        walking = asyncio.ensure_future(desk.walk("BTCUSDT", at(2)))
        while not told:
            await asyncio.sleep(0)
        assert desk.equity(Source.POLICY, {}) == before
        room.set()
        await walking
        assert desk.equity(Source.POLICY, {}).balance == START_USD + journal.trades[1].pnl

    asyncio.run(scenario())


def test_a_trade_that_was_left_before_it_had_a_row_ends_as_if_it_had_been_there():
    trades = pending(1, source=Source.RULES), pending(2, source=Source.RANDOM)
    journal = FakeJournal()
    store = FakeStore(flat())
    desk = desk_over(journal, store)
    journal.trades = {trade.id: trade for trade in trades}
    desk.adopt((1, 2), {Source.RULES: CloseCall(ExitReason.OPPOSITE, at(4) + 250)})
    asyncio.run(desk_over(journal, store).walk("BTCUSDT", at(9)))
    assert journal.trades[1].exit_reason is ExitReason.OPPOSITE
    assert journal.trades[1].exit_ms == at(5)
    assert journal.trades[2].status is TradeStatus.OPEN
