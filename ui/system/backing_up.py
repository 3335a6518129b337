"""Backups: what there is, and one more when somebody wants it."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from core.config import Home, Settings
from ops.backup.checking import manifest_of
from ops.backup.errors import BackupError
from ops.backup.places import backups
from ops.backup.rotation import made_s
from ops.cache_manager import CacheManager
from ui.system.facts import Facts, Row, age_words, bytes_words
from ui.view import View

logger = logging.getLogger(__name__)
_SHOWN = 30


class BackupDesk:
    """
    Makes one backup at a time, for all pages.

    Args:
        home: What is backed up.
        settings: As loaded.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, home: Home, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._home = home
        self._keeper = CacheManager(home, settings)
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._said = ""

    @property
    def is_busy(self) -> bool:
        """Whether one is being made."""
        return self._task is not None and not self._task.done()

    def begin(self) -> bool:
        """Begin to make one, on the event loop; false while another is being made."""
        if self.is_busy:
            return False
        self._said = "A backup is being made; it is opened and checked before it counts."
        self._task = asyncio.create_task(self._make())
        return True

    def backups(self, _: View) -> Facts:
        """List what there is, newest first."""
        try:
            found = backups(self._home)
            rows = [
                Row((path.name, age_words(self._clock() - made_s(path)), bytes_words(_bytes(path))))
                for path in found[:_SHOWN]
            ]
        except OSError as error:
            return Facts(note=f"The backups cannot be listed: {error}")
        older = f" And {len(found) - _SHOWN} older ones." if len(found) > _SHOWN else ""
        nothing = "" if found else "There is no backup yet."
        return Facts(tuple(rows), f"{self._said}{older}" or nothing)

    async def _make(self) -> None:
        try:
            path = await self._keeper.create_backup()
        except (BackupError, OSError) as error:
            logger.warning("backup not made: reason=%s", error)
            self._said = f"No backup was made: {error}"
        else:
            lacking = manifest_of(path).lacking
            less = f"; {lacking} (see backup.largest_mb)" if lacking else ""
            size = bytes_words(_bytes(path))
            self._said = f"{path.name} was made ({size}); it holds no key{less}."


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())
