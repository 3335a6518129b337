"""Backup and restore of a journal of ninety days, as the commands do them; both are checked."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

from core.config import REPOSITORY, Home, load_settings
from ops.backup.create import create_backup
from ops.backup.restore import restore_backup
from ops.backup.selection import Selection
from tests.builders import START_MS
from tests.ops.backup.ninety_days import written

REPEATS = 3
Result = TypeVar("Result")


def measure() -> dict[str, float]:
    """Write the journal once, back it up and restore over it several times."""
    # Nobody's own configuration or key is part of the measurement.
    os.environ["TRADING_CONFIG"] = str(REPOSITORY / "config.yaml")
    selection = Selection.configured(load_settings(environ={}))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.create()
        journal = written(Path(folder) / "journal.db", START_MS)
        backups, restores, made = [], [], home.root
        for _ in range(REPEATS):
            shutil.copyfile(journal, home.database)
            taken_s, made = _timed(lambda: create_backup(home, selection=selection))
            backups.append(taken_s)
            # What it replaces is the whole journal, which is backed up first.
            restores.append(_timed(lambda name=made.name: restore_backup(home, name))[0])
        return {
            "backup_s": median(backups),
            "backup_90d_mb": made.stat().st_size / 2**20,
            "restore_s": median(restores),
        }


def _timed(action: Callable[[], Result]) -> tuple[float, Result]:
    begun_s = perf_counter()
    result = action()
    return perf_counter() - begun_s, result
