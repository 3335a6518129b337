"""Where files go that hold no candles of ours: kept for a look, but not for ever."""

import shutil
import time
from pathlib import Path

_MOST_FILES = 20
_MOST_BYTES = 50_000_000


class Quarantine:
    """A bounded directory of what was set aside; the newest stay."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __len__(self) -> int:
        return len(self._entries())

    def take(self, path: Path) -> Path:
        """
        Move a file, directory or link here, as it is, and return its new place.

        Raises:
            OSError: If it cannot be moved.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        aside = self._directory / f"{time.time_ns()}_{path.name}"
        path.replace(aside)
        self._forget_old()
        return aside

    def _forget_old(self) -> None:
        total_bytes = 0
        for rank, entry in enumerate(reversed(self._entries())):
            total_bytes += entry.lstat().st_size
            if rank and (rank >= _MOST_FILES or total_bytes > _MOST_BYTES):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink(missing_ok=True)

    def _entries(self) -> list[Path]:
        return sorted(self._directory.iterdir()) if self._directory.is_dir() else []
