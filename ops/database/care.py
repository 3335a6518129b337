"""Checks and compacts the journal's file, beside everything that reads and writes it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.config import Home
from ops.backup.snapshot import opened_database
from ops.backup.swap import engine_kept_out
from ops.database.errors import DatabaseError
from ops.database.soundness import is_damage

_MOST_FAULTS: Final = 10
_WAL: Final = "-wal"
_ANALYZED_ROWS: Final = 1_000  # of each index: SQLite's own advice for large files
_EVERY_TABLE: Final = "0x10002"  # also those this connection has not asked
_PAGES_AT_ONCE: Final = 256  # 1 MB: some 10 ms of writing
_KEPT_FREE: Final = 0.1
_ROOM: Final = 2.2  # times the file: VACUUM writes a copy and then the write-ahead file


@dataclass(frozen=True, slots=True)
class Checked:
    """
    Attributes:
        faults: What SQLite finds damaged, and rows that point to nothing; empty when sound.
        revision: Of the schema; None when it is no journal.
        rows: Of each table, by name.
        file_bytes: Of the database.
        wal_bytes: Of its write-ahead file.
        free_bytes: In the database, of what was deleted; `compact` gives them back.
    """

    faults: tuple[str, ...]
    revision: str | None
    rows: dict[str, int]
    file_bytes: int
    wal_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Optimized:
    """
    Attributes:
        before_bytes: Of file and write-ahead file.
        after_bytes: Of both.
        compacted: Whether VACUUM was done as well.
    """

    before_bytes: int
    after_bytes: int
    compacted: bool


def check(home: Home) -> Checked:
    """
    Look at every page and every reference; blocks no writer.

    Raises:
        DatabaseError: If there is no journal, or it cannot be opened.
    """
    path = _present(home)
    with _translated(path), closing(opened_database(path)) as connection:
        # One instant for all of it; in write-ahead mode a reader keeps nobody waiting.
        connection.execute("BEGIN")
        faults = tuple(_faults(connection))
        if faults:
            return Checked(faults, None, {}, path.stat().st_size, _size(path, _WAL), 0)
        return _checked(connection, path)


def optimize(home: Home, *, compact: bool = False) -> Optimized:
    """
    Give SQLite fresh statistics and the disk its free pages, also while the engine runs.

    Each bit of it is a transaction of milliseconds, between which others write.

    Args:
        home: Whose journal.
        compact: Rewrite the whole file (VACUUM). That holds the only lock there is for writers
            for as long as it takes, so the engine must be stopped for it. Needed once for a
            journal of before this program gave pages back, and where they lie scattered.

    Raises:
        RunningError: If it is to be compacted while the engine runs.
        DatabaseError: If there is no journal, it is damaged, or the disk has no room.
    """
    path = _present(home)
    before = _size(path) + _size(path, _WAL)
    with _translated(path):
        if compact:
            with engine_kept_out(home):
                _compact(path)
        with closing(opened_database(path)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous = NORMAL")  # nothing here can be lost
            connection.execute(f"PRAGMA analysis_limit = {_ANALYZED_ROWS}")
            connection.execute(f"PRAGMA optimize = {_EVERY_TABLE}")
            _give_back(connection)
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    return Optimized(before, _size(path) + _size(path, _WAL), compact)


def _give_back(connection: sqlite3.Connection) -> None:
    """Return free pages but for a share that the next day fills again."""
    pages = _number(connection, "PRAGMA page_count")
    kept = int(pages * _KEPT_FREE)
    free = _number(connection, "PRAGMA freelist_count")
    while free > kept:
        step = min(free - kept, _PAGES_AT_ONCE)
        connection.execute(f"PRAGMA incremental_vacuum({step})").fetchall()
        left = _number(connection, "PRAGMA freelist_count")
        if left >= free:  # a file that was not made for it
            return
        free = left


def _compact(path: Path) -> None:
    free_bytes = shutil.disk_usage(path.parent).free
    needed_bytes = int(_size(path) * _ROOM)
    if free_bytes < needed_bytes:
        raise DatabaseError(
            f"{path}: compacting needs {needed_bytes:,} bytes free, there are {free_bytes:,}"
        )
    with closing(opened_database(path)) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _present(home: Home) -> Path:
    if not home.database.is_file():
        raise DatabaseError(f"{home.database}: no such database; nothing has been recorded yet")
    return home.database


def _faults(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        for (words,) in connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})"):
            if words != "ok":
                yield " ".join(str(words).split())
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} points to no row of {parent}"
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        yield str(error)


def _checked(connection: sqlite3.Connection, path: Path) -> Checked:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    names = sorted(str(name) for (name,) in found)
    rows = {name: _number(connection, f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608
    version = None
    if "alembic_version" in names:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    page_bytes = _number(connection, "PRAGMA page_size")
    return Checked(
        faults=(),
        revision=None if version is None else str(version[0]),
        rows=rows,
        file_bytes=_size(path),
        wal_bytes=_size(path, _WAL),
        free_bytes=_number(connection, "PRAGMA freelist_count") * page_bytes,
    )


def _number(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


def _size(path: Path, end: str = "") -> int:
    try:
        return path.with_name(path.name + end).stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise DatabaseError(f"{path}: {error}") from error
