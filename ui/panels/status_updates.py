"""What of a page changes when a slow fact changes."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from ui import ids
from ui.panels.cache import cache_panel
from ui.panels.engine import engine_badges, notices
from ui.panels.signals import signal_rows, signals_summary
from ui.services import Services
from ui.status_service import Status

Update: TypeAlias = tuple[str, str, Any]
"""Component id, property, value."""


def status_updates(now: Status, before: Status | None, services: Services) -> Iterator[Update]:
    """Yield the properties that ``now`` changes on a page that shows ``before``."""
    if before is None or now.engine != before.engine:
        yield ids.ENGINE, "children", engine_badges(now.engine, services.settings)
    if before is None or (now.engine, now.journal_fault) != (before.engine, before.journal_fault):
        yield ids.NOTICES, "children", notices(now.engine, now.journal_fault)
    if before is None or now.cache != before.cache:
        yield ids.CACHE_CARD, "children", cache_panel(now.cache)
    if before is None or now.signals != before.signals:
        yield ids.SIGNALS, "rowData", signal_rows(now.signals, services.feed.instruments)
        yield ids.SIGNALS_SUMMARY, "children", signals_summary(now.signals)
