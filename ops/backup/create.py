"""Makes a backup: copied while the engine writes, opened again before it gets its name."""

import logging
import os
import shutil
import sqlite3
import tempfile
import time
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from core.config import REPOSITORY, Home
from ops.backup.checking import opened
from ops.backup.contents import DATABASE, MANIFEST
from ops.backup.errors import BackupError
from ops.backup.fitting import Fitting, summed
from ops.backup.manifest import Manifest
from ops.backup.places import SUFFIX, backup_dir, config_file, free_name
from ops.backup.selection import WHOLE, Heard, Selection, unheard
from ops.backup.snapshot import rows_of
from ops.backup.tree import gather, prompt_sums

UNFINISHED = ".making-"
"""How the folders begin in which backups are made; a crash leaves one."""


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
        used = config or config_file()
        files = gather(home, used, tree, selection, heard, lasting=not compress)
        manifest, made = _manifest(files, clock()), tree
        if compress:
            name, made = free_name(directory, clock()), place / f"made{SUFFIX}"
            Fitting(made, name, manifest, files, selection, heard).pack()
        else:
            text = summed(manifest, files).to_json()
            (tree / MANIFEST).write_text(text, encoding="utf-8")
        heard("opening it again")
        lacking = opened(made, place / "check", lasting=False).lacking
        return _publish(made, directory, clock, lacking)
    except OSError as error:
        raise BackupError(f"{directory}: no backup can be made there: {error.strerror}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def program_version() -> str:
    """Return the version of this program."""
    try:
        told = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        return str(told["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def _manifest(files: Mapping[str, Path], now_s: float) -> Manifest:
    """Return what is told of them, but for their sums."""
    schema, rows = rows_of(files[DATABASE]) if DATABASE in files else (None, {})
    return Manifest(
        made_at=f"{datetime.fromtimestamp(now_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        program=program_version(),
        schema=schema,
        sqlite=sqlite3.sqlite_version,
        members={},
        rows=rows,
        prompts=prompt_sums(),
    )


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
