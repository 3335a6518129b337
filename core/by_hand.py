"""The engine's side of people: their commands, their alerts, and the symbols they paused."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from core.alert_book import AlertBook
from core.command_desk import Answered, CommandDesk
from core.config import Settings
from core.data.market_feed import MarketFeed
from core.decision_book import DecisionBook
from core.hand_orders import HandOrders
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.live_prices import LivePrices
from core.model.candles import CandleUpdate
from core.model.intervals import Interval
from core.model.signal import Decision
from core.model.source import Source
from core.paper_accounts import PaperAccounts
from core.paper_trades import PaperTrades
from core.pause_book import PauseBook
from core.trading.account import Account
from core.trading_limits import limits_of


class ByHand:
    """
    What a person does beside the trading loop.

    Args:
        traded: Returns the symbols whose bars are evaluated.
        answered: Told of each command once it is answered, on the writer thread.
    """

    def __init__(
        self,
        settings: Settings,
        feed: MarketFeed,
        trades: PaperTrades,
        accounts: PaperAccounts,
        book: DecisionBook,
        *,
        journal: Journal,
        reader: JournalReader,
        writer: JournalWriter,
        traded: Callable[[], Collection[str]],
        answered: Answered = lambda *_: None,
    ) -> None:
        self._accounts = accounts
        self._prices = LivePrices()
        self._pauses = PauseBook(reader)
        self._alerts = AlertBook(
            journal,
            reader,
            write=writer.write,
            interval=settings.signals.interval,
            followed=lambda: feed.symbols,
            evaluated=traded,
        )
        orders = HandOrders(
            trades,
            self._prices,
            account=accounts.account,
            market_time_ms=feed.market_time_ms,
            instruments=lambda: feed.instruments,
            flowing=lambda s, at_ms: feed.whole(s, since_ms=Interval.M1.open_time_ms(at_ms)),
            limits=limits_of(settings),
        )
        self._desk = CommandDesk(
            journal,
            reader,
            trades,
            orders,
            self._alerts,
            self._pauses,
            book=book,
            write=writer.write,
            answered=answered,
        )

    @property
    def paused(self) -> tuple[str, ...]:
        """Symbols in which the policy enters nothing."""
        return self._pauses.symbols

    def recover(self) -> None:
        """
        Read what stood before us.

        Raises:
            JournalError: If the journal cannot be read.
        """
        self._pauses.recover()
        self._alerts.recover()

    async def run(self) -> None:
        """Carry out commands and keep alerts until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._desk.run())
            tasks.create_task(self._alerts.run())

    def hear(self, update: CandleUpdate) -> None:
        """Take note of a 1m candle as it is told, closed or not."""
        self._prices.hear(update)
        self._alerts.hear(update)

    def judged(self, decision: Decision) -> None:
        """Take note of an evaluated bar."""
        self._alerts.judged(decision)

    def account(self, symbol: str, source: Source, at_ms: int) -> Account:
        """Return a source's account as it may trade a symbol at an instant of market time."""
        account = self._accounts.account(source, at_ms)
        halts = self._pauses.halts(symbol, source)
        return replace(account, halts=(*account.halts, *halts)) if halts else account
