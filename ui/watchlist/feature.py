"""The watchlist as a feature of the page."""

from collections.abc import Iterator
from typing import Any

from dash import ClientsideFunction, Dash, Input

from core.config import Home
from core.journal.database import database_url
from core.journal.watch_reader import WatchReader
from ui.feature import Feature, LivePanel, Part, Place, Update
from ui.services import Services
from ui.watchlist.panel import ROWS, watchlist_tab
from ui.watchlist.reading import Watch, WatchDesk, WatchRow

_KEY = "watchlist"
_EVERY_S = 5.0


def watchlist_feature(services: Services, home: Home) -> Feature:
    """
    Return the tab with all that is followed.

    Args:
        services: Market and engine.
        home: Where the journal lies.
    """
    url = database_url(home.database)
    desk = WatchDesk(services, lambda: WatchReader.open(url))
    return Feature(
        parts=(Part(Place.TAB, _KEY, watchlist_tab, "Watchlist", order=50),),
        panels=(LivePanel(_KEY, _EVERY_S, desk.watch, _updates),),
        register=_register,
    )


def _updates(now: Watch, before: Watch | None) -> Iterator[Update]:
    yield ROWS, "data", told(now, before)


def told(now: Watch, before: Watch | None) -> dict[str, Any]:
    """
    Return what the browser does not know yet.

    Returns:
        ``symbols`` in their order, and of each row that changed only what changed; with
        ``whole`` everything, to begin with.
    """
    known = {row.symbol: row for row in before.rows} if before is not None else {}
    rows = [_changes(row, known.get(row.symbol)) for row in now.rows]
    return {
        "whole": before is None,
        "symbols": [row.symbol for row in now.rows],
        "rows": [row for row in rows if len(row) > 1],
        "fault": now.fault,
    }


def _changes(row: WatchRow, before: WatchRow | None) -> dict[str, Any]:
    found: dict[str, Any] = {"id": row.symbol}
    for name in WatchRow.__slots__:
        value = getattr(row, name)
        if before is None or value != getattr(before, name):
            found[name] = value
    if "spark" in found:
        found["spark"] = {
            "points": row.spark.points, "low": row.spark.low, "high": row.spark.high
        }  # fmt: skip
    return found


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("watchlist", "take"), Input(ROWS, "data"), prevent_initial_call=True
    )
