"""The way back from a migration: the copy from before it, and the newer schema kept out."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final

from core.config import Home
from core.journal.revisions import BACKUP_SUFFIX
from core.journal.schema_pin import pin_file
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.backup.breaker_keeping import keep_stricter
from ops.backup.contents import DATABASE
from ops.backup.create import create_backup
from ops.backup.errors import BackupError, DamagedError
from ops.backup.snapshot import copy_database, opened_database, rows_of
from ops.backup.swap import commit, engine_kept_out, finish_restore
from ops.database.damage import copy_aside
from ops.database.errors import DatabaseError

_STAGING: Final = ".rolling-back-"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """
    Attributes:
        schema: The journal is at now, and pinned to.
        replaced: Where what it replaced is kept; None where there was nothing.
        rows: Of all tables.
    """

    schema: str
    replaced: Path | None
    rows: int


def pre_migration(home: Home) -> Path:
    """Return the copy that the last migration made."""
    return home.database.with_name(home.database.name + BACKUP_SUFFIX)


def roll_back(home: Home, *, who: str, clock: Callable[[], float] = time) -> RolledBack:
    """
    Put the journal from before the last migration back in place, whole or not at all.

    Every process of the home must have ended. What was recorded since is kept in a backup.
    Breakers that have tripped since stay tripped. The schema is pinned: no program migrates
    the journal again before `unpin`.

    Raises:
        DatabaseError: If there is nothing to roll back to, or it is damaged; nothing has
            changed then.
        RunningError: If the engine runs.
    """
    source = pre_migration(home)
    if not source.is_file():
        raise DatabaseError(f"{source}: not there: no migration can be rolled back")
    try:
        with engine_kept_out(home):
            finish_restore(home)
            staged = Path(tempfile.mkdtemp(prefix=_STAGING, dir=home.database.parent))
            try:
                return _rolled_back(home, source, staged, who=who, clock=clock)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
    except (OSError, BackupError, sqlite3.Error) as error:
        raise DatabaseError(f"{source}: cannot be put back: {error}") from error


def _rolled_back(
    home: Home, source: Path, staged: Path, *, who: str, clock: Callable[[], float]
) -> RolledBack:
    journal = staged / DATABASE
    journal.parent.mkdir(parents=True, exist_ok=True)
    copy_database(source, journal)
    schema, rows = rows_of(journal)
    if schema is None:
        raise DatabaseError(f"{source}: is no journal")
    if schema == _present_schema(home):
        # What an older program has written since would go.
        raise DatabaseError(f"{home.database}: is at schema {schema} already")
    replaced = _kept(home, clock)
    if "control" in rows:
        keep_stricter(home.database, journal)
    _pin(home, schema)
    _sync_file(journal)
    commit(home, staged)
    kept = f"; what was there: {replaced}" if replaced else ""
    detail = f"journal rolled back to schema {schema}, pinned{kept}"
    append_audit(home, Action.ROLLBACK, who=who, detail=detail)
    return RolledBack(schema, replaced, sum(rows.values()))


def unpin(home: Home, *, who: str) -> bool:
    """Let the journal be migrated again; False when it was not pinned."""
    try:
        pin_file(home.database).unlink()
    except FileNotFoundError:
        return False
    append_audit(home, Action.ROLLBACK, who=who, detail="schema unpinned: it may be migrated")
    return True


def _kept(home: Home, clock: Callable[[], float]) -> Path | None:
    """Keep the journal that goes, as a backup or, where it is damaged, as it is."""
    if not home.database.exists():
        return None
    try:
        return create_backup(home, clock=clock)
    except DamagedError:
        return copy_aside(home, clock())


def _present_schema(home: Home) -> str | None:
    if not home.database.exists():
        return None
    try:
        with closing(opened_database(home.database)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:  # damaged: what comes is better
        return None
    return None if row is None else str(row[0])


def _pin(home: Home, schema: str) -> None:
    """Before the swap: a crash in between leaves a pin that only keeps a newer schema out."""
    path = pin_file(home.database)
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{schema}\nset by: python main.py db rollback; undone by: db unpin\n")
        file.flush()
        os.fsync(file.fileno())


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
