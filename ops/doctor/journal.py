"""Checks of the journal, read without leaving a trace beside it."""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from core.config import Home
from core.journal.schema_pin import pin_file
from core.journal.tables import REVISION
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning

_MOST_WAL: Final = 64e6
"""Bytes; SQLite itself empties it from 4 MB on, unless somebody reads all the time."""
_BUDGET_S: Final = 20.0
"""90 days of journal (50 MB) are read in 0.1 s from memory; a tired disk takes longer."""
_STEPS_BETWEEN_LOOKS: Final = 10_000
_PATIENCE_S: Final = 5.0
_FAULTS_SHOWN: Final = 3
_MEGA: Final = 1e6


def journal_check(
    home: Home, *, in_use: bool, monotonic: Callable[[], float] = time.monotonic
) -> Diagnosis:
    """
    Tell whether the journal is sound, and of a schema we can work with.

    Args:
        home: Whose journal.
        in_use: Whether a process of ours has it open.
        monotonic: Ends a look that takes too long.
    """
    database = home.database
    if not database.exists():
        return _absent(home)
    try:
        with _opened(database, in_use=in_use) as connection:
            until_s = monotonic() + _BUDGET_S
            connection.set_progress_handler(
                lambda: int(monotonic() >= until_s), _STEPS_BETWEEN_LOOKS
            )
            faults = [str(row[0]) for row in connection.execute("PRAGMA quick_check")]
            schema = _schema(connection)
    except sqlite3.Error as error:
        return _unreadable(database, error)
    except OSError as error:
        return warning("journal", f"{database}: {error.strerror}: it cannot be looked at")
    if faults != ["ok"]:
        words = f"{database}: is damaged: {'; '.join(faults[:_FAULTS_SHOWN])}"
        return problem("journal", words, _MEND)
    return _of_schema(home, schema)


def wal_check(home: Home) -> Diagnosis:
    """Tell whether the write-ahead file is emptied now and then."""
    try:
        size = home.database.with_name(f"{home.database.name}-wal").stat().st_size
    except OSError:
        return fine("journal_wal", "there is none")
    words = f"{size / _MEGA:,.1f} MB"
    if size > _MOST_WAL:
        advice = "end programs that read the journal all the time, or restart the engine"
        return warning("journal_wal", words, advice)
    return fine("journal_wal", words)


_MEND: Final = "make stop, then make restore BACKUP=latest; docs/database.md"


def _absent(home: Home) -> Diagnosis:
    if home.damage_mark.exists():
        words = f"a damaged journal was set aside: {home.damage_mark}"
        advice = "make restore BACKUP=latest, or main.py db new for an empty one"
        return problem("journal", words, advice)
    return fine("journal", "there is none yet: the engine makes it")


def _unreadable(database: Path, error: sqlite3.Error) -> Diagnosis:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_INTERRUPT:
        words = f"{database}: no fault found within {_BUDGET_S:.0f} s; not all was read"
        return warning("journal", words, "main.py db check reads all")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        words = f"{database}: locked by another program for {_PATIENCE_S:.0f} s"
        return problem("journal", words, "end what holds it; lsof names it")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return problem("journal", f"{database}: is damaged: {error}", _MEND)
    return problem("journal", f"{database}: cannot be read: {error}")


def _of_schema(home: Home, schema: str | None) -> Diagnosis:
    pin = pin_file(home.database)
    if schema is None:
        return warning("journal", f"{home.database}: holds no table of ours")
    if schema > REVISION:
        words = f"its schema {schema} is newer than this program's {REVISION}"
        return problem("journal", words, "run the newer program, or main.py db rollback")
    if schema < REVISION and pin.exists():
        words = f"its schema {schema} is pinned, this program needs {REVISION}: {pin}"
        return problem("journal", words, "run the older program, or main.py db unpin")
    later = "" if schema == REVISION else f", migrated to {REVISION} when the engine starts"
    return fine("journal", f"{home.database}: sound, schema {schema}{later}")


def _schema(connection: sqlite3.Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.execute(known).fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


@contextmanager
def _opened(database: Path, *, in_use: bool) -> Iterator[sqlite3.Connection]:
    """
    Connect so that nothing beside the database is made or changed.

    A reader of a write-ahead file makes or changes the shared memory beside it. Where a process
    has that open, one reader more makes no difference; a file that was left over is read in a
    copy; without one the database is all there is.
    """
    wal = database.with_name(f"{database.name}-wal")
    if in_use:
        with closing(_connected(database, "mode=ro")) as connection:
            yield connection
    elif wal.exists() and wal.stat().st_size:
        with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
            for path in (database, wal):
                shutil.copyfile(path, Path(folder) / path.name)
            with closing(_connected(Path(folder) / database.name, "mode=rw")) as connection:
                yield connection
    else:
        with closing(_connected(database, "mode=ro&immutable=1")) as connection:
            yield connection


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S)
