"""Reads what is traded from the journal, for the tab, the chart's lines and the toolbar."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from core.config import Settings
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity
from core.model.intervals import Interval
from core.model.source import BY_PEOPLE, SHADOWS, Source
from core.model.trade import Trade
from core.trading_limits import costs_of
from ui.services import Services
from ui.shell.account import Opened
from ui.trading.valuation import closed_row, held_row, sums
from ui.view import View

_CLOSED = 200
"""Finished trades listed, issue 6."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What the toolbar and the chart show of one symbol.

    Attributes:
        paused: Whether the policy enters nothing in it; None where the engine has not said.
        trades: Its pending and open ones that a person may change.
        fault: Why this is not known.
    """

    symbol: str
    paused: bool | None = None
    is_running: bool = False
    trades: tuple[Row, ...] = ()
    fault: str = ""

    def told(self) -> Row:
        """Return it as the browser reads it."""
        return {
            "symbol": self.symbol,
            "paused": self.paused,
            "is_running": self.is_running,
            "trades": list(self.trades),
            "fault": self.fault,
        }


@dataclass(frozen=True, slots=True)
class Book:
    """
    Open and finished trades of every account.

    Attributes:
        fault: Why they are not known; empty too while there is no journal yet.
        is_begun: Whether there is a journal.
    """

    held: tuple[Row, ...] = ()
    closed: tuple[Row, ...] = ()
    totals: Row = field(default_factory=dict)
    fault: str = ""
    is_begun: bool = True


def price_of(services: Services, symbol: str) -> float | None:
    """Return the newest price of a symbol; may read files."""
    running = services.store.running(symbol, Interval.M1)
    if running is not None:
        return running.close
    closed = services.store.candles(symbol, Interval.M1, limit=1)
    return float(closed.close[-1]) if len(closed) else None


class TradingReader:
    """
    Args:
        services: Market and engine.
        journal: Opens the journal, raising as `Opened` says.
    """

    def __init__(self, services: Services, journal: Callable[[], JournalReader]) -> None:
        self._services = services
        self._opened = Opened(journal)
        settings: Settings = services.settings
        self._costs = costs_of(settings.paper)

    def journal(self) -> JournalReader | None:
        """Return the journal; None while the engine has never run; raises `JournalError`."""
        return self._opened.journal()

    def standing(self, view: View) -> Standing:
        """Return how the symbol on screen stands."""
        running = self._services.engine.state().activity is EngineActivity.RUNNING
        try:
            journal = self.journal()
            if journal is None:
                return Standing(view.symbol, is_running=running)
            mine = [t for t in journal.live_trades() if t.symbol == view.symbol]
            rows = self._held(t for t in mine if t.source in BY_PEOPLE)
            paused = _paused(journal.control("engine"), view.symbol)
        except (JournalError, ValueError) as error:
            return Standing(view.symbol, is_running=running, fault=str(error))
        return Standing(view.symbol, paused, running, rows)

    def book(self, _: View) -> Book:
        """Return the trades of every account."""
        try:
            journal = self.journal()
            if journal is None:
                return Book(is_begun=False)
            held = self._held(journal.live_trades())
            mine = _newest(journal, BY_PEOPLE)
            shadows = _newest(journal, SHADOWS)
        except JournalError as error:
            return Book(fault=str(error))
        rules = self._services.feed.instruments
        totals = {"mine": sums(mine), "shadows": sums(shadows)}
        closed = tuple(closed_row(t, rules.get(t.symbol)) for t in (*mine, *shadows))
        return Book(held, closed, totals)

    def _held(self, trades: Iterable[Trade]) -> tuple[Row, ...]:
        feed = self._services.feed
        now_ms, rules, prices = feed.market_time_ms() or 0, feed.instruments, {}
        rows = []
        for trade in trades:
            symbol = trade.symbol
            if symbol not in prices:
                prices[symbol] = price_of(self._services, symbol)
            row = held_row(trade, prices[symbol], now_ms, rules.get(symbol), self._costs)
            rows.append(row)
        return tuple(rows)


def _newest(journal: JournalReader, sources: Iterable[Source]) -> list[Trade]:
    found = [trade for each in sources for trade in journal.recent_trades(_CLOSED, each)]
    return sorted(found, key=lambda t: (t.exit_ms or 0, t.id), reverse=True)[:_CLOSED]


def _paused(report: str | None, symbol: str) -> bool | None:
    return None if report is None else symbol in EngineReport.from_json(report).paused
