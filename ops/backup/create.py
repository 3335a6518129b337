"""Makes a backup: copied while the engine writes, opened again before it gets its name."""

import os
import shutil
import sqlite3
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.config import REPOSITORY, Home
from ops.backup.archive import DATABASE, MANIFEST, pack, sum_of
from ops.backup.checking import opened
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest
from ops.backup.places import SUFFIX, backup_dir, config_file, free_name
from ops.backup.secrets import known_secrets, without_secrets
from ops.backup.snapshot import copy_database, rows_of

UNFINISHED = ".making-"
"""How the folders begin in which backups are made; a crash leaves one."""


def create_backup(
    home: Home,
    *,
    compress: bool = True,
    config: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> Path:
    """
    Back up journal, configuration and reports of a home; no key, no password.

    Candles are not in it: they are fetched again.

    Args:
        home: What it lacks is not in the backup.
        compress: One ``.tar.gz``; otherwise a folder with the same tree.
        config: The configuration; by default the one in force.
        clock: Seconds since the epoch.

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
        files = _gather(home, config or config_file(), place / "tree")
        manifest = _manifest(files, clock())
        (place / "tree" / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        name = free_name(directory, clock())
        made = place / "tree"
        if compress:
            made = place / f"made{SUFFIX}"
            pack(made, name, manifest, files)
        opened(made, place / "check")
        return _publish(made, directory, clock)
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


def _gather(home: Home, config: Path, tree: Path) -> Mapping[str, Path]:
    """Copy what belongs into a backup; returns the copies by their paths in it."""
    for folder in ("data", "config", "reports"):
        (tree / folder).mkdir(parents=True)
    tree.chmod(0o700)
    if home.database.exists():
        copy_database(home.database, tree / DATABASE)
    with suppress(FileNotFoundError, UnicodeDecodeError):
        text = without_secrets(config.read_text(encoding="utf-8"), known_secrets(config))
        (tree / "config" / "config.yaml").write_text(text, encoding="utf-8")
    for report in _reports(home.reports):
        target = tree / "reports" / report.relative_to(home.reports)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # an old one may go at any time
            shutil.copyfile(report, target)
    return {
        path.relative_to(tree).as_posix(): path
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


def _reports(directory: Path) -> Iterator[Path]:
    for path in directory.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
        if path.is_file() and not path.is_symlink() and not hidden and path.name.isprintable():
            yield path


def _manifest(files: Mapping[str, Path], now_s: float) -> Manifest:
    schema, rows = rows_of(files[DATABASE]) if DATABASE in files else (None, {})
    members = {}
    for name, path in files.items():
        with path.open("rb") as file:
            members[name] = sum_of(file)
    return Manifest(
        made_at=f"{datetime.fromtimestamp(now_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
        program=program_version(),
        schema=schema,
        sqlite=sqlite3.sqlite_version,
        members=members,
        rows=rows,
    )


def _publish(made: Path, directory: Path, clock: Callable[[], float]) -> Path:
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
        return target
