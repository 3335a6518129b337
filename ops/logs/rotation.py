"""When a log file is put aside, under which name, and how long it is kept then."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROTATE_BYTES: Final = 10_000_000
MOST_FILES: Final = 40
"""Of one log: a month of quiet days, and some loud ones; 400 MB at most."""
_DAY_S: Final = 86_400
_ASIDE: Final = re.compile(r"(?P<stem>.+?)\.(?:(?P<day>\d{4}-\d\d-\d\d)\.)?(?P<number>\d+)\.log")


@dataclass(frozen=True, slots=True)
class Rotation:
    """
    Attributes:
        most_bytes: From this size on a file is put aside.
        keep_days: Files put aside that nobody wrote to for so long are deleted.
        most_files: At most so many files of one log stay aside, the newest.
        clock: Seconds since the epoch.
    """

    most_bytes: int = ROTATE_BYTES
    keep_days: int = 30
    most_files: int = MOST_FILES
    clock: Callable[[], float] = time.time

    def due(self, state: os.stat_result) -> bool:
        """Tell whether a file is full, or was last written to on an earlier day (UTC)."""
        if state.st_size == 0:
            return False
        return state.st_size >= self.most_bytes or state.st_mtime < self._midnight_s()

    def aside(self, path: Path, state: os.stat_result) -> Path:
        """Return a free name such as ``trading.2026-11-21.1.log``: the day of its last line."""
        day = time.strftime("%Y-%m-%d", time.gmtime(state.st_mtime))
        taken = [n for _, d, n in (_parts(p) for p in _asides(path)) if d == day]
        number = max(taken, default=0) + 1
        return path.with_name(f"{path.stem}.{day}.{number}{path.suffix}")

    def expire(self, path: Path) -> tuple[Path, ...]:
        """
        Delete what was put aside of a log too long ago, or is too much; tell which went.

        Raises:
            OSError: If one cannot be deleted.
        """
        before_s = self.clock() - self.keep_days * _DAY_S
        found = sorted(((_age_s(p), p) for p in _asides(path)), reverse=True)
        gone = [
            p for i, (written_s, p) in enumerate(found)
            if i >= self.most_files or written_s < before_s
        ]  # fmt: skip
        for old in gone:
            old.unlink(missing_ok=True)
        return tuple(gone)

    def _midnight_s(self) -> float:
        now_s = self.clock()
        return now_s - now_s % _DAY_S


def is_aside(path: Path) -> bool:
    """Tell whether a file is one that was put aside, not one that is written to."""
    return _ASIDE.fullmatch(path.name) is not None


def _asides(path: Path) -> list[Path]:
    return [p for p in path.parent.glob(f"{path.stem}.*.log") if _parts(p)[0] == path.stem]


def _parts(path: Path) -> tuple[str, str, int]:
    found = _ASIDE.fullmatch(path.name)
    return (found["stem"], found["day"] or "", int(found["number"])) if found else ("", "", 0)


def _age_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # somebody has just deleted it
        return 0.0
