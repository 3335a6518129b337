"""Restores a backup: checked first, what it replaces backed up, then whole or not at all."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.config import Home
from core.journal.database import Access, database_url, open_engine
from core.journal.errors import JournalError
from core.journal.migration import migrate
from core.journal.tables import REVISION
from ops.backup.archive import DATABASE
from ops.backup.breaker_keeping import keep_stricter
from ops.backup.checking import opened
from ops.backup.create import create_backup
from ops.backup.errors import BackupError, DamagedError
from ops.backup.manifest import Manifest
from ops.backup.places import backup_dir, backup_named, free_name
from ops.backup.snapshot import opened_database, rows_of
from ops.backup.swap import commit, engine_kept_out, finish_restore

STAGING = ".restoring-"
"""How the folders begin in which a restore is laid ready; a crash leaves one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """
    What a restore did, or would do.

    Attributes:
        backup: That was restored.
        replaced: Where what it replaced is kept; None where nothing was, or nothing was done.
        migrated: Whether the journal in it was of an older schema.
        breakers: Accounts whose present breaker was kept, as it was the stricter one.
    """

    backup: Path
    manifest: Manifest
    replaced: Path | None
    migrated: bool
    breakers: tuple[str, ...] = ()


def restore_backup(
    home: Home, name: str, *, dry_run: bool = False, clock: Callable[[], float] = time.time
) -> Restored:
    """
    Put journal and reports of a backup in the place of the present ones.

    Neither the configuration nor the emergency latch is touched: limits and latches are never
    loosened by old files. Newer reports stay.

    Args:
        home: Where to; its engine must not run.
        name: Of a backup of this home, with or without ``.tar.gz``, or ``latest``.
        dry_run: Check everything, change nothing.
        clock: Seconds since the epoch.

    Raises:
        BackupError: If there is no such backup, it is damaged or of a newer program, or what it
            replaces cannot be kept; nothing has changed then.
        RunningError: If the engine runs.
    """
    backup = backup_named(home, name)
    try:
        with engine_kept_out(home):
            if not dry_run:
                finish_restore(home)
                # Nobody else restores now: these are of one that was killed.
                for left in home.database.parent.glob(f"{STAGING}*"):
                    shutil.rmtree(left)
            staged = Path(tempfile.mkdtemp(prefix=STAGING, dir=home.database.parent))
            try:
                return _restored(home, backup, staged, dry_run=dry_run, clock=clock)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        raise BackupError(f"{backup}: cannot be restored: {error}") from error


def _restored(
    home: Home, backup: Path, staged: Path, *, dry_run: bool, clock: Callable[[], float]
) -> Restored:
    manifest = opened(backup, staged)
    _refuse_unfit(backup, manifest)
    older = manifest.schema != REVISION
    journal = staged / DATABASE
    try:
        if older:
            _migrate(journal)
        if dry_run:
            return Restored(backup, manifest, None, older)
        replaced = _keep_replaced(home, clock)
        breakers = keep_stricter(home.database, journal)
        rows_of(journal)
    except (JournalError, sqlite3.Error) as error:
        raise BackupError(f"{backup}: its journal cannot be used: {error}") from error
    commit(home, staged)
    return Restored(backup, manifest, replaced, older, breakers)


def _refuse_unfit(backup: Path, manifest: Manifest) -> None:
    if DATABASE not in manifest.members:
        raise BackupError(f"{backup}: holds no journal")
    if manifest.schema is None:
        raise BackupError(f"{backup}: holds a database that is no journal")
    if manifest.schema > REVISION:
        raise BackupError(
            f"{backup}: made by version {manifest.program} with schema {manifest.schema}; "
            f"this program reads up to {REVISION}: restore it with that version or a newer one"
        )


def _migrate(journal: Path) -> None:
    engine = open_engine(database_url(journal), Access.DURABLE)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    with closing(opened_database(journal)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file again


def _keep_replaced(home: Home, clock: Callable[[], float]) -> Path | None:
    """Back up what is there; a journal too damaged for that is copied as it is."""
    if not home.database.exists():
        return None
    try:
        return create_backup(home, clock=clock)
    except DamagedError:
        name = free_name(backup_dir(home), clock()).replace("backup_", "damaged_")
        folder = backup_dir(home) / name
        folder.mkdir(parents=True)
        for path in home.database.parent.glob(f"{home.database.name}*"):
            if path.is_file():
                shutil.copy2(path, folder)
                _sync_file(folder / path.name)
        return folder


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
