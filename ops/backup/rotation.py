"""Which backups go: the old ones, as long as a sound one among the others is certain."""

import logging
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psutil

from core.config import BackupSettings, Home
from ops.backup.checking import opened
from ops.backup.create import UNFINISHED
from ops.backup.errors import BackupError
from ops.backup.places import SUFFIX, backup_dir, backups

_DAY_S = 86_400.0

logger = logging.getLogger(__name__)


def rotate(home: Home, kept: BackupSettings, now_s: float) -> tuple[Path, ...]:
    """
    Delete backups that are older than their time, and what killed backups have left.

    The newest so many stay whatever their age. Nothing is deleted unless one of those that stay
    opens and is sound.

    Returns:
        What was deleted.

    Raises:
        OSError: If something cannot be deleted.
    """
    left = tuple(path for path in backup_dir(home).glob(f"{UNFINISHED}*") if _abandoned(path))
    present = backups(home)
    old = tuple(
        path
        for path in present[kept.keep_least :]
        if made_s(path) < now_s - kept.keep_days * _DAY_S
    )
    stay = [path for path in present if path not in old]
    gone = (*left, *old) if old and any(is_sound(path) for path in stay) else left
    for path in gone:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        logger.info("old backup deleted: name=%s", path.name)
    return gone


def made_s(backup: Path) -> float:
    """When a backup was made, by its name, in seconds since the epoch."""
    stamp = backup.name.removesuffix(SUFFIX)
    return datetime.strptime(stamp, "backup_%Y%m%d_%H%M%S").replace(tzinfo=UTC).timestamp()


def is_sound(backup: Path) -> bool:
    """Whether a backup opens and holds what it says."""
    with tempfile.TemporaryDirectory(prefix=f"{UNFINISHED}{os.getpid()}-", dir=backup.parent) as at:
        try:
            opened(backup, Path(at) / "check")
        except BackupError:
            return False
    return True


def _abandoned(path: Path) -> bool:
    """Whether the process that made a folder is gone."""
    pid = path.name.removeprefix(UNFINISHED).partition("-")[0]
    return pid.isdecimal() and not psutil.pid_exists(int(pid))
