"""Reads which alerts are watched for, and which have fired."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.journal.command_records import AlertRow
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.engine_state import EngineActivity
from ui.figures.numbers import decimals_of
from ui.services import Services
from ui.shell.account import DAY_MS, Opened
from ui.view import View

_FIRED = 50
"""Told of those that have fired in the last day."""


@dataclass(frozen=True, slots=True)
class AlertBook:
    """
    Attributes:
        active: Oldest first.
        fired: Newest first; one that goes on is also among the active.
        is_running: Whether an engine watches.
        fault: Why they cannot be read.
    """

    active: tuple[AlertRow, ...] = ()
    fired: tuple[AlertRow, ...] = ()
    is_running: bool = False
    fault: str = ""


class AlertReader:
    """
    Args:
        services: The engine's state, the feed's time and trading rules.
        journal: Opens the journal.
    """

    def __init__(self, services: Services, journal: Callable[[], JournalReader]) -> None:
        self._services = services
        self._opened = Opened(journal)

    def journal(self) -> JournalReader | None:
        """Return the journal, None while there is none; raises `JournalError`."""
        return self._opened.journal()

    def book(self, _: View) -> AlertBook:
        """Read them; none before there is a journal."""
        is_running = self._services.engine.state().activity is EngineActivity.RUNNING
        try:
            journal = self.journal()
            if journal is None:
                return AlertBook(is_running=is_running)
            since_ms = max(0, (self._services.feed.market_time_ms() or 0) - DAY_MS)
            fired = journal.fired_since(since_ms)[-_FIRED:]
            return AlertBook(journal.alerts(), tuple(reversed(fired)), is_running)
        except JournalError as error:
            return AlertBook(is_running=is_running, fault=str(error))

    def told(self, book: AlertBook) -> dict[str, Any]:
        """Return it as ``alerts.js`` reads it."""
        return {
            "active": [self._row(row) for row in book.active],
            "fired": [self._row(row) for row in book.fired],
            "is_running": book.is_running,
            "fault": book.fault,
        }

    def _row(self, row: AlertRow) -> dict[str, Any]:
        alert = row.alert
        instrument = self._services.feed.instruments.get(alert.symbol)
        return alert.values() | {
            "id": row.id,
            "active": row.active,
            "added_ms": row.added_ms,
            "fired_ms": row.fired_ms,
            "value": row.value,
            "decimals": decimals_of(instrument, alert.level) if alert.of_price else None,
        }
