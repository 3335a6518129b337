"""Makes a backup: copied while the engine writes, opened again before it gets its name."""

import logging
import os
import shutil
import sqlite3
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.config import REPOSITORY, Home
from ops.backup.archive import pack, sum_of
from ops.backup.checking import opened
from ops.backup.contents import DATABASE, MANIFEST
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest, Member
from ops.backup.places import SUFFIX, backup_dir, config_file, free_name
from ops.backup.selection import WHOLE, Heard, Selection, unheard
from ops.backup.snapshot import rows_of
from ops.backup.thinning import Thinned, packed_guess, thin
from ops.backup.tree import gather, prompt_sums

UNFINISHED = ".making-"
"""How the folders begin in which backups are made; a crash leaves one."""
_THINNINGS: Final = 3  # the first aims at enough
_CERTAINLY: Final = 1.1  # by which a guess must be above what is allowed: it is a few per cent off
_LEAVING_OUT: Final = "leaving out features and votes of old decisions"


logger = logging.getLogger(__name__)


def create_backup(
    home: Home,
    *,
    compress: bool = True,
    config: Path | None = None,
    clock: Callable[[], float] = time.time,
    selection: Selection = WHOLE,
    heard: Heard = unheard,
) -> Path:
    """
    Back up journal, configuration, prompts and reports of a home; no key, no password.

    Args:
        home: What it lacks is not in the backup.
        compress: One ``.tar.gz``; otherwise a folder with the same tree.
        config: The configuration; by default the one in force.
        clock: Seconds since the epoch.
        selection: What else is to be in it, and how large it may be.
        heard: Told what is done next.

    Returns:
        Where the backup is; it did not exist before, and it has been opened and checked.

    Raises:
        BackupError: If it cannot be made; nothing is left of it then.
    """
    directory = backup_dir(home)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{os.getpid()}-", dir=directory))
    except OSError as error:
        raise BackupError(f"{directory}: no backup can be made there: {error.strerror}") from error
    try:
        tree = place / "tree"
        files = gather(home, config or config_file(), tree, selection, heard)
        manifest, made = _manifest(files, clock()), tree
        if compress:
            name = free_name(directory, clock())
            made = _packed(place, files, manifest, name, selection, heard)
        else:
            (tree / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        heard("opening it again")
        lacking = opened(made, place / "check").lacking
        return _publish(made, directory, clock, lacking)
    except OSError as error:
        raise BackupError(f"{directory}: no backup can be made there: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _packed(
    place: Path,
    files: Mapping[str, Path],
    manifest: Manifest,
    name: str,
    selection: Selection,
    heard: Heard,
) -> Path:
    """Pack files into an archive; the oldest decisions are thinned until it is small enough."""
    made, largest_bytes = place / f"made{SUFFIX}", _for_the_rest(files, selection.largest_bytes)
    if largest_bytes is not None:
        manifest = _thinned_by_guess(files, manifest, largest_bytes, heard)
    heard("packing")
    pack(made, name, manifest, files, selection.effort)
    saved_by_row: float | None = None
    for _ in range(_THINNINGS):
        size = made.stat().st_size
        if largest_bytes is None or size <= largest_bytes:
            break
        heard(_LEAVING_OUT)
        thinned = _thinned(files, size - largest_bytes, largest_bytes, saved_by_row)
        if thinned is None:
            break
        heard("packing again")
        made.unlink()
        thinner = _thinner(manifest, files[DATABASE], thinned.before_ms)
        pack(made, name, thinner, files, selection.effort)
        saved_by_row = max(size - made.stat().st_size, 1) / thinned.rows
    return made


def _for_the_rest(files: Mapping[str, Path], largest_bytes: int | None) -> int | None:
    """Return how large a file may be: Parquet comes on top, as thinning makes no room for it."""
    if largest_bytes is None:
        return None
    return largest_bytes + sum(p.stat().st_size for p in files.values() if p.suffix == ".parquet")


def _thinned_by_guess(
    files: Mapping[str, Path], manifest: Manifest, largest_bytes: int, heard: Heard
) -> Manifest:
    """Thin a journal that is certainly too large before it is packed, which takes far longer."""
    certain_bytes = int(largest_bytes * _CERTAINLY)
    saved_by_row: float | None = None
    size = packed_guess(files[DATABASE]) if DATABASE in files else 0
    for _ in range(_THINNINGS):
        if size <= certain_bytes:
            break
        heard(_LEAVING_OUT)
        thinned = _thinned(files, size - certain_bytes, certain_bytes, saved_by_row)
        if thinned is None:
            break
        manifest = _thinner(manifest, files[DATABASE], thinned.before_ms)
        before, size = size, packed_guess(files[DATABASE])
        saved_by_row = max(before - size, 1) / thinned.rows
    return manifest


def _thinned(
    files: Mapping[str, Path], excess: int, largest_bytes: int, saved_by_row: float | None
) -> Thinned | None:
    if DATABASE not in files:
        return None
    try:
        return thin(files[DATABASE], excess, largest_bytes, saved_by_row)
    except sqlite3.OperationalError:  # of a schema without them; a full disk fails when packing
        return None


def program_version() -> str:
    """Return the version of this program."""
    try:
        told = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        return str(told["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def _manifest(files: Mapping[str, Path], now_s: float) -> Manifest:
    schema, rows = rows_of(files[DATABASE]) if DATABASE in files else (None, {})
    return Manifest(
        made_at=f"{datetime.fromtimestamp(now_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        program=program_version(),
        schema=schema,
        sqlite=sqlite3.sqlite_version,
        members={name: _member(path) for name, path in files.items()},
        rows=rows,
        prompts=prompt_sums(),
    )


def _thinner(manifest: Manifest, database: Path, before_ms: int) -> Manifest:
    """Return what is told of the same files once the journal among them is thinned."""
    members = {**manifest.members, DATABASE: _member(database)}
    return replace(manifest, members=members, thinned_before_ms=before_ms)


def _member(path: Path) -> Member:
    with path.open("rb") as file:
        return sum_of(file)


def _publish(made: Path, directory: Path, clock: Callable[[], float], lacking: str) -> Path:
    """Give a backup a name that nobody has; another may be made in the same second."""
    while True:
        name = free_name(directory, clock())
        target = directory / (name if made.is_dir() else f"{name}{SUFFIX}")
        try:
            if made.is_dir():
                made.rename(target)
            else:
                os.link(made, target)
        except FileExistsError:
            continue
        except PermissionError:  # a file system without links, on which nobody races us
            made.rename(target)
        logger.info("backup made: name=%s lacking=%s", target.name, lacking or "nothing")
        return target
