"""
Puts restored files in the place of the old ones: all of them, whatever happens in between.

What is to come is complete in a folder of its own; renaming that folder decides. From then
on only moves are left, each of which can be repeated, and the next start of the engine, or
the next restore, takes those that a crash has left undone.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.config import Home
from core.synced_directory import sync_directory
from ops.backup.contents import ARCHIVE, CANDLES, DATABASE
from ops.backup.errors import BackupError
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
        raise _taken(home) from None
    try:
        with _data_held(home):
            yield
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


@contextmanager
def _data_held(home: Home) -> Iterator[None]:
    """Hold the folder of the journal as an engine does, whose lock file somebody may delete."""
    opened = os.open(home.run.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(home) from None
        except OSError:
            pass  # a file system without such locks: the lock file has to do
        yield
    finally:
        os.close(opened)


def _taken(home: Home) -> RunningError:
    other = running(home.run, Role.ENGINE)
    pid = f" (pid {other.pid})" if other else ""
    return RunningError(f"the engine of {home.root} runs{pid}; make stop first")


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
    sync_directory(_decided(home).parent)
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
        sync_directory(home.database.parent)
    for report, target in _reports(home, decided):
        target.parent.mkdir(parents=True, exist_ok=True)
        report.replace(target)
    for folder in (CANDLES, ARCHIVE):
        for kept in sorted((decided / folder).glob("*.parquet")):
            target = home.root / folder / kept.name
            if not os.path.lexists(target):  # what is there is newer, and in the archive more
                target.parent.mkdir(parents=True, exist_ok=True)
                kept.replace(target)
    shutil.rmtree(decided)
    return True


def refuse_blocked(home: Home, staged: Path) -> None:
    """
    Make sure that no folder is where a file is to be, nor a file where a folder is.

    Raises:
        BackupError: If one is: once it is decided, every move has to be possible.
    """
    if home.database.is_dir():
        raise BackupError(f"{home.database}: is a folder, in the way of the journal")
    for folder in (CANDLES, ARCHIVE):
        place = home.root / folder
        if (staged / folder).exists() and os.path.lexists(place) and not place.is_dir():
            raise BackupError(f"{place}: is a file, in the way of a folder")
    for _, target in _reports(home, staged):
        above = [parent for parent in target.parents if parent.is_relative_to(home.reports)]
        for place in (parent for parent in above if parent.exists() and not parent.is_dir()):
            raise BackupError(f"{place}: is a file, in the way of a folder of reports")
        if target.is_dir():
            raise BackupError(f"{target}: is a folder, in the way of a report")


def _reports(home: Home, tree: Path) -> list[tuple[Path, Path]]:
    """Return the reports of a tree, each with its place in a home."""
    found = sorted(path for path in (tree / "reports").rglob("*") if path.is_file())
    return [(path, home.reports / path.relative_to(tree / "reports")) for path in found]


def _decided(home: Home) -> Path:
    return home.database.with_name(".restore")
