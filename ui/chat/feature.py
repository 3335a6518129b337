"""Questions about the market on screen as a feature of the page."""

import asyncio
from collections.abc import Callable, Iterator
from typing import cast

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.config.secrets import secrets_of
from core.data.data_store import DataStore
from core.journal.database import database_url
from core.journal.errors import EmptyJournalError, MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.source import Source
from core.trading.account import Account
from deepseek.call_tally import CallTally
from deepseek.client import utc_now_ms
from ops.chat_memory import ChatMemory
from ops.known_accounts import known_accounts
from ops.newest_bar import NewestBar
from ui.access.action_token import ActionToken
from ui.chat.market import ScreenFacts
from ui.chat.panel import TALK, chat_tab
from ui.chat.reading import Talk, TalkReader, told
from ui.chat.room import ChatRoom
from ui.chat.routes import chat_router
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.services import Services, followed_symbols

_KEY = "chat"
_EVERY_S = 2.0


def chat_feature(
    services: Services, home: Home, actions: ActionToken, tally: CallTally | None = None
) -> Feature:
    """
    Return the tab, and the route behind it.

    Args:
        services: Market and settings.
        home: Where the journal and the logs lie.
        actions: Guards the route.
        tally: Counts the calls.
    """
    settings = services.settings.deepseek
    talk = TalkReader(
        lambda: JournalReader.open(database_url(home.database)),
        has_key=settings.api_key is not None,
        utc_now_ms=utc_now_ms,
    )
    facts = ScreenFacts(services, _account(services, home))
    room = ChatRoom(settings, facts, lambda: _memory(services, home), tally)

    def updates(now: Talk, _: Talk | None) -> Iterator[Update]:
        yield TALK, "data", told(now, settings.chat)

    return Feature(
        parts=(Part(Place.TAB, _KEY, chat_tab, "Chat", order=60),),
        panels=(LivePanel(_KEY, _EVERY_S, talk.talk, updates),),
        register=_register,
        router=chat_router(room, lambda: followed_symbols(services), actions),
    )


def _memory(services: Services, home: Home) -> ChatMemory:
    """Open where the talk is kept, also where the engine has never run."""
    url = database_url(home.database)
    try:
        journal = Journal.open(url, migrate=False)
    except (MissingJournalError, EmptyJournalError):
        journal = Journal.open(url)
    return ChatMemory(
        journal,
        JournalReader.open(url),
        home.logs,
        redact=secrets_of(services.settings),
        form=services.settings.logging.format,
    )


def _account(services: Services, home: Home) -> Callable[[NewestBar], Account]:
    """Return what tells the policy's account at a bar; an account of its own before the engine."""
    url = database_url(home.database)

    def account(bar: NewestBar) -> Account:
        try:
            journal = Journal.open(url, migrate=False)
        except (MissingJournalError, EmptyJournalError):
            return Account(services.settings.paper.starting_equity_usd, at_ms=bar.now_ms)
        try:
            accounts = known_accounts(
                services.settings,
                home,
                cast(DataStore, services.store),  # of which only candles are read here
                journal=journal,
                reader=JournalReader.open(url),
                prices=bar.prices,
                at_ms=bar.now_ms,
            )
            return asyncio.run(accounts)[Source.POLICY]
        finally:
            journal.close()

    return account


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("chat", "take"), Input(TALK, "data"), prevent_initial_call=True
    )
