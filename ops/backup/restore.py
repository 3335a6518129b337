"""Restores a backup: checked first, what it replaces backed up, then whole or not at all."""

import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from core.config import Home
from core.journal.database import Access, database_url, open_engine
from core.journal.errors import JournalError
from core.journal.migration import migrate
from core.journal.schema_pin import refuse_pinned
from core.journal.tables import REVISION
from ops.audit.account import this_account
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.backup.breaker_keeping import keep_stricter
from ops.backup.checking import opened
from ops.backup.contents import DATABASE, SECRETS
from ops.backup.create import create_backup
from ops.backup.errors import BackupError, DamagedError
from ops.backup.manifest import Manifest
from ops.backup.places import backup_dir, backup_named, config_file, free_name
from ops.backup.sealed import unseal
from ops.backup.secrets_file import PutBack, SecretsFile
from ops.backup.selection import Heard, unheard
from ops.backup.snapshot import opened_database, rows_of
from ops.backup.swap import commit, engine_kept_out, finish_restore, refuse_blocked

STAGING = ".restoring-"
"""How the folders begin in which a restore is laid ready; a crash leaves one."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """
    What a restore did, or would do.

    Attributes:
        backup: That was restored.
        replaced: Where what it replaced is kept; None where nothing was, or nothing was done.
        migrated: Whether the journal in it was of an older schema.
        breakers: Accounts whose present breaker was kept, as it was the stricter one.
        secrets: Where the secrets are; None where they were not asked for.
    """

    backup: Path
    manifest: Manifest
    replaced: Path | None
    migrated: bool
    breakers: tuple[str, ...] = ()
    secrets: PutBack | None = None


def restore_backup(
    home: Home,
    name: str,
    *,
    dry_run: bool = False,
    passphrase: str | None = None,
    clock: Callable[[], float] = time.time,
    heard: Heard = unheard,
) -> Restored:
    """
    Put journal and reports of a backup in the place of the present ones.

    Neither the configuration nor the emergency latch is touched: limits and latches are never
    loosened by old files. Newer reports and candles stay.

    Args:
        home: Where to; its engine must not run.
        name: Of a backup of this home, with or without ``.tar.gz``, or ``latest``.
        dry_run: Check everything, change nothing, also while the engine runs.
        passphrase: Opens the secrets in it, which are put back then.
        clock: Seconds since the epoch.
        heard: Told what is done next.

    Raises:
        BackupError: If there is no such backup, it is damaged or of a newer program, its secrets
            do not open, or what it replaces cannot be kept; nothing has changed then.
        RunningError: If the engine runs.
    """
    task = _Restore(home, backup_named(home, name), passphrase, clock, heard)
    try:
        if dry_run:
            with task.laid_ready() as (staged, manifest):
                task.secrets_in(staged)
                return Restored(task.backup, manifest, None, manifest.schema != REVISION)
        with engine_kept_out(home):
            finish_restore(home)
            # Nobody else restores now: these are of one that was killed.
            for left in home.database.parent.glob(f"{STAGING}*"):
                shutil.rmtree(left)
            done = task.take()
    except OSError as error:
        raise BackupError(f"{task.backup}: cannot be restored: {error}") from error
    logger.info("backup restored: home=%s %s", home.root, _told(done))
    append_audit(home, Action.RESTORE, who=this_account(), detail=_told(done))
    return done


@dataclass(frozen=True, slots=True)
class _Restore:
    """One restore, step by step."""

    home: Home
    backup: Path
    passphrase: str | None
    clock: Callable[[], float]
    heard: Heard

    @contextmanager
    def laid_ready(self) -> Iterator[tuple[Path, Manifest]]:
        """Check the backup and migrate its journal, in a folder that goes with the block."""
        data = self.home.database.parent
        data.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=STAGING, dir=data))
        try:
            self.heard("checking the backup")
            manifest = opened(self.backup, staged)
            _refuse_unfit(self.backup, manifest)
            refuse_blocked(self.home, staged)
            if manifest.schema != REVISION:
                self.heard("migrating its journal")
                self._with_journal(lambda: refuse_pinned(self.home.database, manifest.schema))
                self._with_journal(lambda: _migrate(staged / DATABASE))
            yield staged, manifest
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def take(self) -> Restored:
        """Do it; the engine is kept out."""
        with self.laid_ready() as (staged, manifest):
            secrets = self.secrets_in(staged)
            self.heard("keeping what is there")
            replaced = _keep_replaced(self.home, self.clock)
            breakers: tuple[str, ...] = ()

            def kept() -> None:
                nonlocal breakers
                breakers = keep_stricter(self.home.database, staged / DATABASE)
                rows_of(staged / DATABASE)

            self._with_journal(kept)
            with secrets.laid_ready() if secrets else nullcontext():
                self.heard("putting it in place")
                commit(self.home, staged)
                put_back = secrets.put(self.clock()) if secrets else None
        older = manifest.schema != REVISION
        return Restored(self.backup, manifest, replaced, older, breakers, put_back)

    def secrets_in(self, staged: Path) -> SecretsFile | None:
        """Open the secrets that lie in a folder, if they are asked for."""
        if self.passphrase is None:
            return None
        self.heard("opening its secrets")
        try:
            text = unseal((staged / SECRETS).read_bytes(), self.passphrase)
        except FileNotFoundError:
            raise BackupError(f"{self.backup}: holds no secrets") from None
        except BackupError as error:
            raise BackupError(f"{self.backup}: {error}") from error
        return SecretsFile(config_file().parent / ".env", text)

    def _with_journal(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (JournalError, sqlite3.Error) as error:
            raise BackupError(f"{self.backup}: its journal cannot be used: {error}") from error


def _told(done: Restored) -> str:
    kept = f"; replaced kept in {done.replaced.name}" if done.replaced else ""
    secrets = "; secrets put back" if done.secrets else ""
    lacking = f"; {done.manifest.lacking}" if done.manifest.lacking else ""
    return f"{done.backup.name} of {done.manifest.made_at} restored{lacking}{kept}{secrets}"


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
