import asyncio
import math

import pytest

from core.model.source import Source
from core.paper_accounts import PaperAccounts
from core.trading.account import Account, Halt
from tests.builders import candles
from tests.core.paper_scene import PAPER, FakeJournal, FakeStore, desk_over, pending

MINUTE = 60_000
HALT = Halt("daily_loss", "3 % lost")


class Breakers:
    def __init__(self):
        self.seen = []

    async def observe(self, source, at_ms, equity):
        self.seen.append((source, at_ms, equity))

    def halts(self, source, at_ms):
        return (HALT,) if source is Source.RANDOM else ()


class Book:
    """Knows of nothing that waits."""

    def account(self, source, at_ms, *, equity, positions, last_exits, halts):
        return Account(equity, positions, 0, at_ms, last_exits, halts)


class Journal(FakeJournal):
    def __init__(self, *trades):
        super().__init__(*trades)
        self.points = []

    def add_equity(self, points):
        self.points.extend(points)


class Scene:
    def __init__(self, *trades, closes=(100.0, 100.0, 102.0)):
        self.journal = Journal(*trades)
        self.desk = desk_over(self.journal, FakeStore(candles(closes)))
        self.breakers = Breakers()
        self.accounts = PaperAccounts(
            self.desk, Book(), self.breakers, journal=self.journal, offer=self._offer
        )

    async def _offer(self, method, *arguments):
        method(*arguments)

    def walk(self, minutes):
        last_ms = self.desk.next_bar_ms("BTCUSDT") + (minutes - 1) * MINUTE
        asyncio.run(self.desk.walk("BTCUSDT", last_ms))

    def value(self, end_ms):
        asyncio.run(self.accounts.value(end_ms))


def test_every_account_is_shown_to_the_breakers_each_minute_and_kept_every_five():
    scene = Scene()
    for minute in range(1, 11):
        scene.value(minute * MINUTE)
    assert len(scene.breakers.seen) == 10 * len(Source)
    assert {point.at_ms for point in scene.journal.points} == {5 * MINUTE, 10 * MINUTE}
    assert {point.source for point in scene.journal.points} == set(Source)


def test_the_breakers_never_see_a_price_that_the_trade_has_not():
    """After downtime the newest close is known before the stop behind it was walked into."""
    scene = Scene(pending(1), closes=[100.0, 100.0, 94.0, 60.0])
    scene.walk(2)
    scene.accounts.price("BTCUSDT", 60.0)
    scene.value(MINUTE)
    ((_, _, equity),) = [seen for seen in scene.breakers.seen if seen[0] is Source.POLICY]
    assert equity > PAPER.starting_equity_usd - 1.0
    assert scene.accounts.account(Source.POLICY, 0).equity == equity
    assert scene.accounts.standing() == (equity, 1)


def test_the_gate_sees_positions_and_halts_of_the_account_that_is_asked_for():
    scene = Scene(pending(1))
    scene.walk(3)
    policy = scene.accounts.account(Source.POLICY, 7)
    assert policy.at_ms == 7
    assert policy.positions["BTCUSDT"].notional == pytest.approx(204.0)
    assert scene.accounts.account(Source.RANDOM, 7).halts == (HALT,)


def test_a_pending_trade_is_measured_by_the_newest_close():
    scene = Scene(pending(1, decided_ms=10**15))
    scene.accounts.price("BTCUSDT", 101.0)
    assert scene.accounts.account(Source.POLICY, 0).positions["BTCUSDT"].notional == 202.0


def test_an_equity_that_is_no_number_is_told_to_the_breakers_and_not_kept():
    scene = Scene(pending(1), closes=[100.0, 100.0])
    scene.walk(1)
    (trade,) = scene.journal.trades.values()
    assert trade.entry_price is None
    scene.walk(2)
    scene.journal.realised = lambda: {Source.POLICY: math.nan}
    scene.desk.recover()
    scene.value(5 * MINUTE)
    assert any(math.isnan(equity) for _, _, equity in scene.breakers.seen)
    assert Source.POLICY not in {point.source for point in scene.journal.points}
    assert len(scene.journal.points) == len(Source) - 1
