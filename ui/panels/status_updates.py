"""What of a page changes when a slow fact changes, or the symbol it shows."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from core.model.engine_state import EngineState
from ui import ids
from ui.panels.cache import cache_panel
from ui.panels.engine import engine_badges, notices
from ui.panels.feed import streams_panel
from ui.panels.signals import signal_rows, signals_summary
from ui.services import Services
from ui.status_service import Status

Update: TypeAlias = tuple[str, str, Any]
"""Component id, property, value."""


def status_updates(
    now: Status, before: Status | None, services: Services, symbol: str
) -> Iterator[Update]:
    """
    Yield the properties that ``now`` changes on a page.

    Args:
        now: What is known.
        before: What the page shows of it; None when nothing, or that of another symbol.
        services: Where settings and instruments are read.
        symbol: What the page shows.
    """
    if before is None or now.engine != before.engine:
        yield ids.ENGINE, "children", engine_badges(now.engine, services.settings)
    if before is None or _warnings(now) != _warnings(before):
        yield ids.NOTICES, "children", notices(*_warnings(now))
    if before is None or now.feed != before.feed:
        book = services.feed.order_flow.book(symbol)
        yield ids.FEED_STREAMS, "children", streams_panel(now.feed, symbol, book)
    if before is None or now.cache != before.cache:
        yield ids.CACHE_CARD, "children", cache_panel(now.cache, symbol)
    if before is None or now.signals != before.signals:
        yield ids.SIGNALS, "rowData", signal_rows(now.signals, services.feed.instruments)
        yield ids.SIGNALS_SUMMARY, "children", signals_summary(now.signals)


def _warnings(status: Status) -> tuple[EngineState, str, str]:
    return status.engine, status.journal_fault, status.cache.alarm
