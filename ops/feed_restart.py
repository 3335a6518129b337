"""Asking a running engine for new sockets, through the control table of its journal."""

from collections.abc import Callable

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.engine_report import RESTART_FEED, EngineReport
from ops.engine_request import await_confirmation, leave_request


def request_restart(home: Home, *, clock_ms: Callable[[], int] | None = None) -> int:
    """
    Ask the engine of a home for new sockets.

    Returns:
        The number of the request; they grow.

    Raises:
        JournalError: If there is no journal, or it cannot be read or written.
    """
    asked = JournalReader.open(database_url(home.database)).control(RESTART_FEED)
    number = int(asked) + 1 if asked is not None and asked.isdecimal() else 1
    leave_request(home, RESTART_FEED, str(number), clock_ms=clock_ms)
    return number


def await_restart(home: Home, number: int) -> bool:
    """Wait until the engine reports that it carried out a request; False when it does not."""
    reader = JournalReader.open(database_url(home.database))
    return await_confirmation(lambda: _carried_out(reader), number)


def _carried_out(reader: JournalReader) -> int:
    text = reader.control("engine")
    try:
        return EngineReport.from_json(text).feed_restart if text is not None else 0
    except ValueError as error:
        raise JournalError(f"the engine's report cannot be read: {error}") from error
