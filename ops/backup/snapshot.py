"""A copy of the journal that is consistent while the engine writes, and proof that it is sound."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import quote

from ops.backup.errors import BackupError, DamagedError

LOCKED_FOR_S: Final = 5.0  # as long as the engine's own writers wait for one another
_FAULTS_SHOWN: Final = 3
_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class _LockedError(Exception):
    """Somebody holds the database for himself."""


def copy_database(
    source: Path,
    target: Path,
    *,
    patience_s: float = LOCKED_FOR_S,
    clock: Callable[[], float] = monotonic,
    lasting: bool = True,
) -> None:
    """
    Copy a SQLite database as it is at one instant, its write-ahead file included.

    The copy is one file: it needs no write-ahead file of its own.

    Args:
        source: Others may write to it meanwhile.
        target: Does not exist yet.
        patience_s: How long somebody may hold the source for himself.
        clock: Seconds that only grow.
        lasting: Whether the copy must survive a power cut.

    Raises:
        BackupError: If it is locked for longer than ``patience_s``, is no database, or the
            copy cannot be written.
    """
    until_s = clock() + patience_s

    def look(status: int, _remaining: int, _total: int) -> None:
        # Asked after each attempt; sqlite3 itself would try for ever.
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and clock() >= until_s:
            raise _LockedError

    try:
        with (
            closing(opened_database(source, patience_s)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            if not lasting:
                copy.execute("PRAGMA synchronous = OFF")
            # All pages at once: in pieces, each write of the engine would start it over.
            original.backup(copy, pages=-1, progress=look)
            copy.execute("PRAGMA journal_mode = DELETE")
    except _LockedError:
        raise BackupError(f"{source}: locked by another program for {patience_s:.0f} s") from None
    except sqlite3.Error as error:
        damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE
        kind = DamagedError if damaged else BackupError
        raise kind(f"{source}: cannot be copied: {error}") from error


def compact(database: Path, *, lasting: bool = True) -> None:
    """
    Give back the room of deleted rows, whose content a copied database still holds.

    Args:
        database: A copy that nobody else uses.
        lasting: Whether it must survive a power cut.

    Raises:
        BackupError: If it is damaged, or cannot be written.
    """
    try:
        with closing(opened_database(database)) as connection:
            (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
            if not lasting:
                connection.execute("PRAGMA synchronous = OFF")
            if unused:
                write_anew(connection, database)
        if unused and lasting:
            with database.open("rb+") as file:
                os.fsync(file.fileno())  # SQLite does not, for what it vacuums into
    except sqlite3.Error as error:
        damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE
        kind = DamagedError if damaged else BackupError
        raise kind(f"{database.name}: cannot be compacted: {error}") from error


def write_anew(connection: sqlite3.Connection, database: Path) -> None:
    """
    Put a database without what was deleted from it in the place of one that nobody else uses.

    A fraction of the work of ``VACUUM``, which writes the new one twice and the old one once. It
    may be lost in a power cut.

    Args:
        connection: To the database; of no use any more then.
        database: Where it is.

    Raises:
        sqlite3.Error: If it cannot be read or written; the old one is as it was then.
        OSError: If it cannot be put in place.
    """
    fresh = database.with_name(f"{database.name}.fresh")
    connection.execute("VACUUM INTO ?", (str(fresh.absolute()),))
    fresh.replace(database)


def rows_of(database: Path) -> tuple[str | None, Mapping[str, int]]:
    """
    Make sure that a copied database is sound.

    Returns:
        Its schema revision, None where it has none, and the number of rows of each table.

    Raises:
        BackupError: If SQLite finds it damaged.
    """
    try:
        with closing(opened_database(database)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            if found != ["ok"]:
                faults = "; ".join(" ".join(fault.split()) for fault in found[:_FAULTS_SHOWN])
                raise DamagedError(f"{database.name}: is damaged: {faults}")
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            names = sorted(str(name) for (name,) in tables)
            return _revision(connection, names), {n: _count(connection, n) for n in names}
    except sqlite3.Error as error:
        raise DamagedError(f"{database.name}: is damaged: {error}") from error


def _revision(connection: sqlite3.Connection, tables: list[str]) -> str | None:
    if "alembic_version" not in tables:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    (count,) = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608
    return int(count)


def opened_database(path: Path, patience_s: float = LOCKED_FOR_S) -> sqlite3.Connection:
    """Connect to a database that exists; SQLite's own errors say when it does not."""
    # Not mode=ro: such a connection could not read through a write-ahead file that is left over.
    uri = f"file:{quote(str(path.absolute()))}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=patience_s)
