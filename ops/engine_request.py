"""
Asking something of a running engine, through the control table of its journal.

Whoever asks writes a request with a number under a key of its own; the engine writes elsewhere
up to which number it has obeyed.
"""

import time
from collections.abc import Callable
from typing import Final

from core.config import Home
from core.journal.database import database_url
from core.journal.journal import Journal

# The engine looks once a heartbeat (`engine.heartbeat_s`, usually a second).
CONFIRMED_WITHIN_S: Final = 10.0
_POLL_S: Final = 0.1


def leave_request(home: Home, key: str, value: str, *, clock_ms: Callable[[], int] | None) -> None:
    """
    Write a request where the engine of a home finds it.

    Raises:
        JournalError: If there is no journal, or it cannot be written.
    """
    now_ms = clock_ms() if clock_ms is not None else time.time_ns() // 1_000_000
    journal = Journal.open(database_url(home.database), migrate=False)
    try:
        journal.set_control(key, value, now_ms)
    finally:
        journal.close()


def await_confirmation(
    obeyed: Callable[[], int],
    number: int,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """
    Wait until a request is obeyed; False when it is not within `CONFIRMED_WITHIN_S`.

    Args:
        obeyed: Asks up to which number the engine has obeyed.
        number: Of the request.
        monotonic: Measures the wait, in seconds.
        sleep: Waits so many seconds before the engine is looked at again.
    """
    until_s = monotonic() + CONFIRMED_WITHIN_S
    while monotonic() < until_s:
        if obeyed() >= number:
            return True
        sleep(_POLL_S)
    return False
