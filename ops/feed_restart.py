"""Asking a running engine for new sockets, through the control table of its journal."""

import time
from collections.abc import Callable

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import RESTART_FEED, EngineReport

CONFIRMED_WITHIN_S = 10.0
_POLL_S = 0.1


def request_restart(home: Home, *, clock_ms: Callable[[], int] | None = None) -> int:
    """
    Ask the engine of a home for new sockets.

    Returns:
        The number of the request; they grow.

    Raises:
        JournalError: If there is no journal, or it cannot be read or written.
    """
    url = database_url(home.database)
    now_ms = clock_ms() if clock_ms is not None else time.time_ns() // 1_000_000
    asked = JournalReader.open(url).control(RESTART_FEED)
    number = int(asked) + 1 if asked is not None and asked.isdecimal() else 1
    journal = Journal.open(url, migrate=False)
    journal.set_control(RESTART_FEED, str(number), now_ms)
    journal.close()
    return number


def await_restart(
    home: Home,
    number: int,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Wait until the engine reports that it carried out a request; False when it does not."""
    reader = JournalReader.open(database_url(home.database))
    until_s = monotonic() + CONFIRMED_WITHIN_S
    while monotonic() < until_s:
        if _carried_out(reader) >= number:
            return True
        sleep(_POLL_S)
    return False


def _carried_out(reader: JournalReader) -> int:
    text = reader.control("engine")
    try:
        return EngineReport.from_json(text).feed_restart if text is not None else 0
    except ValueError as error:
        raise JournalError(f"the engine's report cannot be read: {error}") from error
