"""Trading by hand as a feature of the page."""

from collections.abc import Iterator
from typing import Any

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.emergency_latch import EmergencyLatch
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import Enter
from core.trading_limits import costs_of, limits_of
from ui.access.action_token import ActionToken
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.services import Services
from ui.trading import ids
from ui.trading.hand_account import HandAccount
from ui.trading.orders import Orders
from ui.trading.panel import entry_form, lines, tools, trades_tab
from ui.trading.quote import Quote, quote
from ui.trading.reading import Book, Standing, TradingReader, price_of
from ui.trading.routes import Quoter, trading_router

_BOOK_EVERY_S = 2.0
_STANDING_EVERY_S = 1.0


def trading_feature(services: Services, home: Home, actions: ActionToken) -> Feature:
    """
    Return the tab, the form, the lines over the chart and the routes behind them.

    Args:
        services: Market, engine and settings.
        home: Where the journal and the emergency latch lie.
        actions: Guards the routes.
    """
    url = database_url(home.database)
    reader = TradingReader(services, lambda: JournalReader.open(url))
    orders = Orders(services, reader.journal, lambda: Journal.open(url, migrate=False))
    risk_pct = services.settings.risk.risk_per_trade_pct
    return Feature(
        parts=(
            Part(Place.TAB, "trades", trades_tab, "Positions & trades", order=10),
            Part(Place.TOOLS, "trading-tools", tools, order=20),
            Part(Place.CHART, "trading-lines-layer", lines),
            Part(Place.ASIDE, "trading-form-box", lambda: entry_form(risk_pct)),
        ),
        panels=(
            LivePanel("trades", _BOOK_EVERY_S, reader.book, _book_updates),
            LivePanel("trading-tools", _STANDING_EVERY_S, reader.standing, _standing_updates),
        ),
        register=_register,
        router=trading_router(orders, _quoter(services, home, reader), actions),
    )


def _quoter(services: Services, home: Home, reader: TradingReader) -> Quoter:
    account = HandAccount(
        services.settings.paper.starting_equity_usd,
        costs_of(services.settings.paper),
        price=lambda symbol: price_of(services, symbol),
        latch=EmergencyLatch(home.emergency_latch),
    )
    limits = limits_of(services.settings)

    def quoted(wish: Enter) -> Quote:
        journal = reader.journal()
        if journal is None:
            raise MissingJournalError("There is no journal yet: start the engine once")
        instrument = services.feed.instruments.get(wish.symbol)
        price = None if instrument is None else price_of(services, wish.symbol)
        if instrument is None or price is None:
            raise ValueError(f"no price or no trading rules of {wish.symbol} are known yet")
        at_ms = services.feed.market_time_ms() or 0
        return quote(wish, price, account.account(journal, at_ms), instrument, limits)

    return quoted


def _book_updates(now: Book, before: Book | None) -> Iterator[Update]:
    told: dict[str, Any] = {"held": list(now.held), "fault": now.fault, "is_begun": now.is_begun}
    told["totals"] = now.totals
    if before is None or before.closed != now.closed:
        told["closed"] = list(now.closed)
    yield ids.BOOK, "data", told


def _standing_updates(now: Standing, _: Standing | None) -> Iterator[Update]:
    yield ids.STANDING, "data", now.told()


def _register(app: Dash) -> None:
    for store, taker in ((ids.BOOK, "takeBook"), (ids.STANDING, "takeStanding")):
        app.clientside_callback(
            ClientsideFunction("trading", taker), Input(store, "data"), prevent_initial_call=True
        )
