"""Tells a damaged journal from a sound one: quickly at a start, thoroughly by night."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from ops.backup.snapshot import opened_database

START_BUDGET_S: Final = 2.0
"""For a look at a start: 90 days of journal (192 MB) take 0.4 s; maintenance looks at all."""
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_STEPS_BETWEEN_LOOKS: Final = 10_000  # of SQLite's machine: some 0.1 ms
_MOST_FAULTS: Final = 3
# What somebody may have put into a row by hand is no damage of the file.
_OF_ROWS: Final = ("NULL value in", "CHECK constraint", "non-unique entry")


def damage_of(
    database: Path,
    *,
    budget_s: float = START_BUDGET_S,
    monotonic: Callable[[], float] = time.monotonic,
) -> str:
    """
    Say why a database cannot be used; empty when nothing was found within the time.

    One that is locked, or cannot be opened for now, is not damaged.

    Args:
        database: An existing file.
        budget_s: After which the look ends; what was not looked at counts as sound.
        monotonic: For tests.
    """
    until_s = monotonic() + budget_s
    try:
        with closing(opened_database(database)) as connection:
            connection.set_progress_handler(
                lambda: int(monotonic() >= until_s), _STEPS_BETWEEN_LOOKS
            )
            return "; ".join(_faults(connection))
    except sqlite3.Error as error:
        return str(error) if is_damage(error) else ""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that a file is damaged, and not that it cannot be used for now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    for (words,) in connection.execute(f"PRAGMA quick_check({_MOST_FAULTS})"):
        if words != "ok" and not str(words).startswith(_OF_ROWS):
            yield " ".join(str(words).split())
