"""
Puts restored files in the place of the old ones: all of them, whatever happens in between.

What is to come is complete in a folder of its own; renaming that folder decides. From then
on only moves are left, each of which can be repeated, and the next start of the engine, or
the next restore, takes those that a crash has left undone.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.config import Home
from ops.backup.archive import DATABASE
from ops.backup.snapshot import opened_database
from ops.processes import Role, RunningError, running

_BESIDE = ("-wal", "-shm", "-journal")


@contextmanager
def engine_kept_out(home: Home) -> Iterator[None]:
    """
    Hold the engine's place, so that none starts while the block runs.

    Raises:
        RunningError: If one runs.
    """
    home.run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.run / f"{Role.ENGINE}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        other = running(home.run, Role.ENGINE)
        pid = f" (pid {other.pid})" if other else ""
        raise RunningError(f"the engine of {home.root} runs{pid}; make stop first") from None
    try:
        yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def commit(home: Home, staged: Path) -> None:
    """
    Put what is staged in place; the engine must be kept out.

    Args:
        home: Whose files are replaced.
        staged: A folder in the home's ``data/``, with the tree of a backup.

    Raises:
        OSError: If it cannot; before the first move nothing has changed.
    """
    with suppress(sqlite3.Error), closing(opened_database(home.database)) as old:
        # What a crash now would leave is the old journal: whole without its write-ahead file.
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    staged.rename(_decided(home))
    _sync(_decided(home).parent)
    finish_restore(home)


def finish_restore(home: Home) -> bool:
    """
    Take the moves that a restore was killed in the middle of; whether there were any.

    Raises:
        OSError: If one cannot be taken.
    """
    decided = _decided(home)
    if not decided.is_dir():
        return False
    if (decided / DATABASE).exists():
        for end in _BESIDE:
            home.database.with_name(home.database.name + end).unlink(missing_ok=True)
        (decided / DATABASE).replace(home.database)
        _sync(home.database.parent)
    for report in sorted(path for path in (decided / "reports").rglob("*") if path.is_file()):
        target = home.reports / report.relative_to(decided / "reports")
        target.parent.mkdir(parents=True, exist_ok=True)
        report.replace(target)
    shutil.rmtree(decided)
    return True


def _decided(home: Home) -> Path:
    return home.database.with_name(".restore")


def _sync(directory: Path) -> None:
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
