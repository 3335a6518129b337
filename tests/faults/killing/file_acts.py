"""Backups, restores, candle files and the latch: killed on the way, whole all the same."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import numpy as np

from core.config import Home
from core.data.atomic_file import drafts
from core.data.parquet_log import ParquetLog
from core.emergency_latch import EmergencyLatch
from core.journal.database import database_url
from core.journal.journal import Journal
from core.model.intervals import Interval
from ops.backup.checking import opened
from ops.backup.create import create_backup
from ops.backup.places import backups, name_at
from ops.backup.restore import STAGING, restore_backup
from ops.backup.swap import finish_restore
from ops.emergency.latch import prepare_latch, set_latch
from tests.builders import home as made_home
from tests.builders import random_walk
from tests.faults.killing.moments import Work

MADE_S = 1_790_000_000.0
_OLD, _NEW = "old", "new"
_REPORTS = 3
_BARS = 3_000
_AGAIN_EVERY = 4  # points: whether what was killed can be done after all


def _told(home: Home, state: str) -> None:
    """Let journal and reports say ``state``."""
    journal = Journal.open(database_url(home.database))
    journal.set_control("state", state, 1)
    journal.checkpoint_and_close()
    for n in range(_REPORTS):
        (home.reports / f"daily_2026-09-2{n}.json").write_text(f'"{state}"')


def _state(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute("SELECT value FROM control WHERE key = 'state'").fetchone()[0]


def _placed(template: Path, place: Path) -> Callable[[], None]:
    def prepare() -> None:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(template, place)

    return prepare


def backing_up(folder: Path, random: Random) -> Iterator[str]:
    """Whatever has the name of a backup is one, and the next one can be made."""
    template, home = made_home(folder / "template"), Home(folder / "place")
    _told(template, _OLD)
    create_backup(template, clock=lambda: MADE_S)
    _told(template, _NEW)
    shape = {"compress": random.random() < 0.5}

    def prepare() -> None:
        shape["compress"] = random.random() < 0.5
        _placed(template.root, home.root)()

    work = Work(lambda: create_backup(home, **shape), prepare)
    for n in count():
        at = work.killed(random)
        assert _state(home.database) == _NEW, at
        assert 1 <= len(backups(home)) <= 2, at
        for number, found in enumerate(backups(home)):
            opened(found, folder / "opened" / str(number))
            assert _state(folder / "opened" / str(number) / "data" / home.database.name) in {
                _OLD,
                _NEW,
            }
        shutil.rmtree(folder / "opened")
        if n % _AGAIN_EVERY == 0:
            opened(create_backup(home), folder / "opened")
            shutil.rmtree(folder / "opened")
        yield at


def restoring(folder: Path, random: Random) -> Iterator[str]:
    """Journal and reports are all of before, or all of the backup once the next start finished."""
    template, home = made_home(folder / "template"), Home(folder / "place")
    _told(template, _OLD)
    create_backup(template, clock=lambda: MADE_S)
    _told(template, _NEW)
    work = Work(lambda: restore_backup(home, "latest"), _placed(template.root, home.root))
    for n in count():
        at = work.killed(random)
        decided = home.database.with_name(".restore").exists()
        finish_restore(home)
        state = _state(home.database)
        assert state == _OLD or not decided, at
        reports = {path.read_text() for path in home.reports.glob("daily_*")}
        assert reports == {f'"{state}"'}, f"{at}: a mixture: {state} with {reports}"
        Journal.open(database_url(home.database)).checkpoint_and_close()
        if n % _AGAIN_EVERY == 0:
            restore_backup(home, name_at(MADE_S))
            assert _state(home.database) == _OLD, at
            assert not list(home.database.parent.glob(f"{STAGING}*")), at
        yield at


def saving_candles(folder: Path, random: Random) -> Iterator[str]:
    """A file holds what it held, or what was to be added besides, bar for bar."""
    place = folder / "place"
    walk = random_walk(_BARS, seed=7)
    before = walk.head(_BARS // 2)
    # New bars, and a correction of one that is there.
    added = replace(walk, quote_volume=walk.quote_volume * 2.0)

    def prepare() -> None:
        shutil.rmtree(place, ignore_errors=True)
        ParquetLog(place).merge(before, lambda series: series)

    work = Work(lambda: ParquetLog(place).merge(added, lambda series: series), prepare)
    while True:
        at = work.killed(random)
        log = ParquetLog(place)
        found = log.read("BTCUSDT", Interval.M1)
        wanted = before if len(found) == len(before) else added
        assert found.open_time_ms.tolist() == wanted.open_time_ms.tolist(), at
        assert np.array_equal(found.quote_volume, wanted.quote_volume), at
        log.remove_drafts()
        assert not drafts(place), at
        assert len(log.merge(added, lambda series: series).candles) == _BARS, at
        assert not log.trouble
        yield at


def latching(folder: Path, random: Random) -> Iterator[str]:
    """The emergency latch is set or not, and can be set at once."""
    latch = folder / "place" / "EMERGENCY_STOP"

    def prepare() -> None:
        shutil.rmtree(latch.parent, ignore_errors=True)
        latch.parent.mkdir()
        prepare_latch(latch)

    work = Work(lambda: set_latch(latch, "smoke"), prepare)
    while True:
        at = work.killed(random)
        set_latch(latch, "smoke again")
        assert EmergencyLatch(latch)(), at
        yield at


ACTS: dict[str, Callable[[Path, Random], Iterator[str]]] = {
    "backing up": backing_up,
    "restoring": restoring,
    "saving candles": saving_candles,
    "latching": latching,
}
