"""Where backups are and what they are called."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.config import REPOSITORY, Home
from ops.backup.errors import BackupError

SUFFIX: Final = ".tar.gz"
INCIDENTS: Final = "incidents"
"""Below the reports; in no backup: what was packed of an incident is no part of a home."""
LATEST: Final = "latest"
_NAME = re.compile(r"backup_[A-Za-z0-9_-]{1,100}")
_MADE = re.compile(r"backup_\d{8}_\d{6}")


def backup_dir(home: Home) -> Path:
    """Return the directory of a home's backups; it may not exist yet."""
    return home.root / "backups"


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the configuration in force."""
    return Path(environ.get("TRADING_CONFIG") or REPOSITORY / "config.yaml")


def name_at(epoch_s: float) -> str:
    """Return the name of a backup made at an instant, in UTC: names sort by age."""
    return f"backup_{datetime.fromtimestamp(epoch_s, UTC):%Y%m%d_%H%M%S}"


def free_name(directory: Path, epoch_s: float) -> str:
    """Return the name of an instant, or of the next second whose name nobody has."""
    while any(os.path.lexists(directory / f"{name_at(epoch_s)}{end}") for end in ("", SUFFIX)):
        epoch_s += 1.0
    return name_at(epoch_s)


def backups(home: Home) -> list[Path]:
    """Return the backups that were made here, of both forms, newest first."""
    found = (p for p in backup_dir(home).glob("backup_*") if not p.is_symlink())
    ours = (p for p in found if _MADE.fullmatch(p.name.removesuffix(SUFFIX)))
    whole = (p for p in ours if p.is_dir() or (p.is_file() and p.name.endswith(SUFFIX)))
    return sorted(whole, key=lambda path: path.name.removesuffix(SUFFIX), reverse=True)


def backup_named(home: Home, name: str) -> Path:
    """
    Return the backup that a person means.

    Args:
        home: Whose backups.
        name: With or without ``.tar.gz``, or ``latest``.

    Raises:
        BackupError: If there is none.
    """
    directory = backup_dir(home)
    if name == LATEST:
        newest = next(iter(backups(home)), None)
        if newest is None:
            raise BackupError(f"{directory}: holds no backup")
        return newest
    plain = name.removesuffix(SUFFIX)
    if not _NAME.fullmatch(plain):
        raise BackupError(f"{name!r:.80}: is no name of a backup, such as {name_at(0.0)}")
    file, folder = directory / f"{plain}{SUFFIX}", directory / plain
    for path, usable in ((file, file.is_file()), (folder, folder.is_dir())):
        if usable and not path.is_symlink():
            return path
    raise BackupError(f"{directory / plain}: no such backup")
