import asyncio

import pytest

from core.model.funding import Settlement
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
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


SETTLED = Settlement(START_MS + HOUR, 0.001, 100.0)
PAID = 2.0 * 100.0 * 0.001


def test_funding_lowers_the_open_pnl_and_then_the_balance():
    journal = FakeJournal(pending(1))
    exchange = FakeExchange(SETTLED)
    desk = desk_over(journal, FakeStore(flat()), exchange)

    async def scenario():
        await desk.walk("BTCUSDT", at(61))
        before = desk.equity(Source.POLICY, {})
        await desk.funding.settle("BTCUSDT", at(61))
        after = desk.equity(Source.POLICY, {})
        assert after.open_pnl == pytest.approx(before.open_pnl - PAID)
        assert after.balance == before.balance
        await desk.close("BTCUSDT", Source.POLICY, ExitReason.ANALYST, at(62))
        await desk.walk("BTCUSDT", at(62))

    asyncio.run(scenario())
    trade = journal.trades[1]
    assert trade.funding == pytest.approx(PAID)
    assert desk.equity(Source.POLICY, {}).total == pytest.approx(START_USD + trade.pnl)


def test_nothing_is_asked_while_no_hour_went_by_or_nothing_is_held():
    exchange = FakeExchange(SETTLED)
    desk = desk_over(FakeJournal(pending(1)), FakeStore(flat()), exchange)

    async def scenario():
        await desk.walk("BTCUSDT", at(58))
        assert desk.funding.symbols == {"BTCUSDT"}
        await desk.funding.settle("BTCUSDT", at(59))
        await desk.funding.settle("ETHUSDT", at(61))

    asyncio.run(scenario())
    assert exchange.asked == []


def test_funding_that_cannot_be_learnt_is_asked_for_again_and_told(caplog):
    journal = FakeJournal(pending(1))
    exchange = FakeExchange(SETTLED)
    exchange.failures = 2
    desk = desk_over(journal, FakeStore(flat()), exchange)

    async def scenario():
        await desk.walk("BTCUSDT", at(100))
        for minute in (100, 101, 102, 103):
            await desk.funding.settle("BTCUSDT", at(minute))

    asyncio.run(scenario())
    assert len(exchange.asked) == 3
    assert exchange.asked[0] == ("BTCUSDT", at(1) + 1, at(100))
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert journal.trades[1].funding == pytest.approx(PAID)


def test_a_trade_that_closed_before_its_funding_was_known_pays_after_a_restart():
    prices = [100.0] * 70 + [111.0]
    journal = FakeJournal(pending(1))
    store = FakeStore(candles(prices))
    asyncio.run(desk_over(journal, store).walk("BTCUSDT", at(70)))
    unpaid = journal.trades[1]
    assert (unpaid.status, unpaid.funding) == (TradeStatus.CLOSED, 0.0)

    again = desk_over(journal, store, FakeExchange(SETTLED))
    assert again.funding.symbols == {"BTCUSDT"}
    assert again.open_symbols == frozenset()
    asyncio.run(again.funding.settle("BTCUSDT", at(500)))
    paid = journal.trades[1]
    assert paid.pnl == pytest.approx(unpaid.pnl - PAID)
    assert again.equity(Source.POLICY, {}).balance == pytest.approx(START_USD + paid.pnl)
    assert again.funding.symbols == frozenset()


def test_a_settlement_without_a_mark_price_counts_at_the_price_traded_then():
    journal = FakeJournal(pending(1))
    exchange = FakeExchange(Settlement(START_MS + HOUR + 3, 0.001))
    desk = desk_over(journal, FakeStore(candles([100.0] * 60 + [104.0] * 5)), exchange)

    async def scenario():
        await desk.walk("BTCUSDT", at(62))
        await desk.funding.settle("BTCUSDT", at(62))

    asyncio.run(scenario())
    assert journal.trades[1].funding == pytest.approx(2.0 * 104.0 * 0.001)


def test_an_exit_does_not_wait_for_funding_and_neither_overwrites_the_other():
    prices = [100.0] * 70 + [111.0]
    journal = FakeJournal(pending(1))
    exchange = FakeExchange(SETTLED)
    desk = desk_over(journal, FakeStore(candles(prices)), exchange)

    async def exits_meanwhile():
        await desk.walk("BTCUSDT", at(70))
        assert journal.trades[1].status is TradeStatus.CLOSED

    async def scenario():
        await desk.walk("BTCUSDT", at(65))
        exchange.meanwhile = exits_meanwhile
        await desk.funding.settle("BTCUSDT", at(71))

    asyncio.run(scenario())
    trade = journal.trades[1]
    assert (trade.exit_reason, trade.funding) == (ExitReason.TARGET, pytest.approx(PAID))


def test_walks_settlements_and_calls_at_once_lose_nothing():
    journal = FakeJournal(pending(1))
    desk = desk_over(journal, FakeStore(flat()), FakeExchange(SETTLED))

    async def scenario():
        await desk.walk("BTCUSDT", at(61))
        await asyncio.gather(
            desk.funding.settle("BTCUSDT", at(62)),
            desk.close("BTCUSDT", Source.POLICY, ExitReason.ANALYST, at(63)),
            desk.walk("BTCUSDT", at(62)),
            desk.funding.settle("BTCUSDT", at(62)),
        )
        await desk.walk("BTCUSDT", at(63))

    asyncio.run(scenario())
    trade = journal.trades[1]
    assert (trade.exit_ms, trade.exit_reason) == (at(63), ExitReason.ANALYST)
    assert trade.funding == pytest.approx(PAID)
