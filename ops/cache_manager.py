"""
Backups, and the room that they and the candle cache take: the name that operators know.

A thin front of `ops.backup`; each coroutine does its work in a thread.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.config import ConfigError, Home, Settings, load_settings
from core.data.parquet_log import ParquetLog, series_of
from core.emergency_latch import EmergencyLatch
from ops.backup.create import create_backup
from ops.backup.places import backup_dir, backups
from ops.backup.restore import Restored, restore_backup
from ops.backup.rotation import made_s, rotate
from ops.backup.selection import WHOLE, Selection
from ops.database.care import optimize
from ops.processes import Role, running
from ops.schedule.due import Chore, ChoreRecord
from ops.schedule.record import recorded

logger = logging.getLogger(__name__)

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a clean-up deleted."""

    candles: tuple[Path, ...]
    backups: tuple[Path, ...]


class CacheManager:
    """
    Care for one home.

    Args:
        home: By default that of the environment.
        settings: By default those of its configuration; read when they are needed.
    """

    def __init__(self, home: Home | None = None, settings: Settings | None = None) -> None:
        self._home = home or Home.from_environment()
        self._settings = settings

    @property
    def backup_dir(self) -> Path:
        """Where backups are."""
        return backup_dir(self._home)

    async def create_backup(self, compress: bool = True) -> Path:
        """
        Back up journal, configuration, prompts and reports; see `ops.backup.create`.

        Raises:
            BackupError: If it cannot be made.
        """
        return await asyncio.to_thread(
            create_backup, self._home, compress=compress, selection=self._selection()
        )

    async def restore_backup(self, name: str, dry_run: bool = False) -> Restored:
        """Restore a backup by name, or ``latest``; see `ops.backup.restore`."""
        return await asyncio.to_thread(restore_backup, self._home, name, dry_run=dry_run)

    async def cleanup_old_cache(self) -> Cleared:
        """
        Delete candle files that nobody has written for `data.history_days`, and old backups.

        Raises:
            OSError: If something cannot be deleted.
        """
        return await asyncio.to_thread(self._clear)

    async def run_full_maintenance(self, *, counted: bool = False) -> Mapping[str, object]:
        """
        Back up, clean up, refresh the journal's statistics, and tell how things are then.

        One process at a time, and the schedule counts it as its daily chore. What another process
        does while this one waits for it is not done again. While the emergency latch is set it
        only backs up.

        Args:
            counted: Whoever asks holds the place of maintenance, and counts it.

        Raises:
            BackupError: If no backup can be made; nothing is deleted then.
            BusyError: If another process takes care of the home for too long.
            OSError: If something cannot be deleted.
            DatabaseError: If the journal is damaged.
        """
        if counted:
            return await asyncio.to_thread(self._maintain)
        return await asyncio.to_thread(self._maintain_once, recorded(self._home))

    def get_statistics(self) -> dict[str, object]:
        """Return sizes, ages and the memory of our processes, by names with their units."""
        present = backups(self._home)
        return {
            "cache_files": sum(1 for _ in self._home.cache.glob("*.parquet")),
            "cache_bytes": _bytes(self._home.cache.rglob("*")),
            "database_bytes": _bytes(self._home.database.parent.glob("trading_signals.db*")),
            "backups": len(present),
            "backup_bytes": sum(_bytes([path, *path.rglob("*")]) for path in present),
            "newest_backup": present[0].name if present else None,
            "newest_backup_age_s": round(time.time() - made_s(present[0])) if present else None,
            "memory_bytes": self._memory_bytes(),
        }

    def _maintain_once(self, before: Mapping[Chore, ChoreRecord]) -> Mapping[str, object]:
        from ops.schedule.care import do_once  # noqa: PLC0415 - whose steps are made of this class

        told: dict[str, object] = {"deleted": 0}

        def act() -> str:
            told.update(self._maintain())
            return in_a_line(told)

        if not do_once(self._home, Chore.DAILY, act, before=before):
            told |= self.get_statistics()
        return {"backup": told["newest_backup"]} | told

    def _maintain(self) -> Mapping[str, object]:
        made = create_backup(self._home, selection=self._selection())
        gone = 0
        if not EmergencyLatch(self._home.emergency_latch)():  # somebody may look at all there is
            cleared = self._clear()
            gone = len(cleared.candles) + len(cleared.backups)
            if self._home.database.exists():
                optimize(self._home)
        return {"backup": made.name, "deleted": gone} | self.get_statistics()

    def _selection(self) -> Selection:
        """Return what the configuration asks for; a broken one prevents no backup."""
        try:
            return Selection.configured(self._settings or load_settings())
        except ConfigError as error:
            logger.warning("all of the journal is backed up: configuration=%s", error)
            return WHOLE

    def _clear(self) -> Cleared:
        settings = self._settings or load_settings()
        before_s = time.time() - settings.data.history_days * _DAY_S
        candles = ParquetLog(self._home.cache)
        old = tuple(
            path
            for path in sorted(self._home.cache.glob("*.parquet"))
            if _deleted(path, before_s, candles)
        )
        return Cleared(old, rotate(self._home, settings.backup, time.time()))

    def _memory_bytes(self) -> int:
        """Resident memory of the processes of this home."""
        total = 0
        for role in Role:
            identity = running(self._home.run, role)
            process = identity.process() if identity else None
            try:
                total += process.memory_info().rss if process else 0
            except psutil.Error:  # it has just ended
                continue
        return total


def in_a_line(told: Mapping[str, object]) -> str:
    """Return what maintenance tells, for a log."""
    return " ".join(f"{name}={value}" for name, value in told.items())


def _deleted(path: Path, before_s: float, candles: ParquetLog) -> bool:
    """Delete a candle file that is old; nobody writes it between the look and the deed."""
    if not _is_old(path, before_s):
        return False
    series = series_of(path.name)
    with nullcontext() if series is None else candles.lock(*series, "write"):
        if not _is_old(path, before_s):
            return False
        path.unlink(missing_ok=True)
    return True


def _is_old(path: Path, before_s: float) -> bool:
    try:
        return path.stat().st_mtime < before_s
    except FileNotFoundError:  # another clean-up was faster
        return False


def _bytes(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # it has just been replaced
            continue
    return total
