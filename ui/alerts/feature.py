"""Alerts and the log as a feature of the page."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from ui.access.action_token import ActionToken
from ui.alerts import ids
from ui.alerts.log_tail import LogReader, LogTail
from ui.alerts.panel import alerts_tab, lines, tools, watch
from ui.alerts.reading import AlertBook, AlertReader
from ui.alerts.routes import alerts_router
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.services import Services
from ui.trading.orders import Orders

_EVERY_S = 2.0


def alerts_feature(services: Services, home: Home, actions: ActionToken) -> Feature:
    """
    Return the tab, the lines over the chart and the routes behind them.

    Args:
        services: Market and engine.
        home: Where the journal and the logs lie.
        actions: Guards the routes.
    """
    url = database_url(home.database)
    reader = AlertReader(services, lambda: JournalReader.open(url))
    orders = Orders(services, reader.journal, lambda: Journal.open(url, migrate=False))

    def updates(now: AlertBook, _: AlertBook | None) -> Iterator[Update]:
        yield ids.LIST, "data", reader.told(now)

    return Feature(
        parts=(
            Part(Place.TAB, "alerts", alerts_tab, "Log & alerts", order=70),
            Part(Place.TOOLS, "alerts-tools", tools, order=30),
            Part(Place.CHART, "alerts-lines-layer", lines),
            Part(Place.HEADER, ids.WATCH, watch, order=90),
        ),
        panels=(
            LivePanel(ids.WATCH, _EVERY_S, reader.book, updates),
            LivePanel(ids.LOG, _EVERY_S, LogReader(home.logs).tail, _log_updates),
        ),
        register=_register,
        router=alerts_router(orders, actions),
    )


def _log_updates(now: LogTail, before: LogTail | None) -> Iterator[Update]:
    yield ids.LOG_LINES, "data", log_told(now, before)


def log_told(now: LogTail, before: LogTail | None) -> dict[str, Any]:
    """Return the lines that the browser does not have; all with ``whole``, to begin with."""
    known = {line.key for line in before.lines} if before is not None else set()
    return {
        "whole": before is None,
        "lines": [asdict(line) for line in now.lines if line.key not in known],
        "files": list(now.files),
        "faults": list(now.faults),
    }


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("alerts", "take"), Input(ids.LIST, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("log_tail", "take"),
        Input(ids.LOG_LINES, "data"),
        prevent_initial_call=True,
    )
