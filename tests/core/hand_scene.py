"""A command desk over a real journal, in a market that stands where the test puts it."""

import asyncio

from core.alert_book import AlertBook
from core.command_desk import CommandDesk
from core.hand_orders import HandOrders
from core.journal.database import Access
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.live_prices import LivePrices
from core.model.candles import CandleUpdate
from core.model.intervals import Interval
from core.paper_desk import PaperDesk
from core.pause_book import PauseBook
from core.trading.account import Account
from core.trading_limits import limits_of
from tests.builders import START_MS, candle, candles, instrument, settings
from tests.core.journal.empty_journal import ready
from tests.core.paper_scene import MINUTE, PAPER, FakeExchange, FakeStore, KilledError

NOW_S = 1_800_000_000.0
LIMITS = limits_of(settings())
STORE = FakeStore(candles([100.0] * 30))


def running(symbol="BTCUSDT", at_ms=START_MS + 1, close=100.0, **changes):
    bar = candle(Interval.M1.open_time_ms(at_ms), close, **changes)
    return CandleUpdate(symbol, Interval.M1, bar, False, at_ms)


class Killer:
    """Writes at once, until the write at which the process is killed."""

    def __init__(self, dies_at=None, before=False):
        self.dies_at, self.before, self.writes = dies_at, before, 0

    async def __call__(self, method, *arguments):
        await asyncio.sleep(0)
        self.writes += 1
        dies = self.writes == self.dies_at
        if dies and self.before:
            raise KilledError
        found = method(*arguments)
        if dies:
            raise KilledError
        return found


class HandScene:
    """One engine's side of trading by hand; a second one over the same path is a restart."""

    def __init__(self, path, write=None, clock_s=NOW_S):
        url = ready(path / "journal.db")
        self.journal = Journal.open(url, clock=lambda: NOW_S, access=Access.LIGHT)
        self.reader = JournalReader.open(url)
        self.now_ms = START_MS + 1
        self.equity = 10_000.0
        self.halts = ()
        self.entered_at = []
        self.answered = []
        write = write or Killer()
        self.desk = PaperDesk(
            STORE, self.journal, self.reader, paper=PAPER, write=write, settlements=FakeExchange()
        )
        self.prices = LivePrices()
        self.prices.hear(running())
        self.pauses = PauseBook(self.reader)
        self.alerts = AlertBook(
            self.journal,
            self.reader,
            write=write,
            interval=Interval.M15,
            followed=lambda: ("BTCUSDT",),
            evaluated=lambda: ("BTCUSDT",),
        )
        orders = HandOrders(
            self.desk.trades,
            self.prices,
            account=self._account,
            market_time_ms=lambda: self.now_ms,
            instruments=lambda: {"BTCUSDT": instrument(tick="0.01")},
            flowing=lambda symbol, at_ms: True,
            limits=LIMITS,
        )
        self.commands = CommandDesk(
            self.journal,
            self.reader,
            self.desk.trades,
            orders,
            self.alerts,
            self.pauses,
            book=self,
            write=write,
            clock=lambda: clock_s,
            answered=lambda *told: self.answered.append(told),
        )
        for part in (self.desk, self.pauses, self.alerts):
            part.recover()

    def entered(self, source, at_ms):
        self.entered_at.append((source, at_ms))

    def ask(self, command):
        return self.journal.add_command(command, who="a test", at_ms=self.now_ms)

    def carried_out(self, command):
        """Ask for something, let the desk look, and return the row with the answer."""
        number = self.ask(command)
        asyncio.run(self.commands.look())
        return self.reader.command(number)

    def walk_to(self, minute):
        asyncio.run(self.desk.walk("BTCUSDT", START_MS + minute * MINUTE))
        self.now_ms = START_MS + (minute + 1) * MINUTE + 1

    def _account(self, source, at_ms):
        positions = self.desk.positions(source, {"BTCUSDT": 100.0})
        return Account(self.equity, positions, at_ms=at_ms, halts=self.halts)
