"""The audit trail, a rollback and compacting, killed on the way."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random

from core.config import Home
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.schema_pin import pin_file
from core.journal.tables import REVISION
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.audit.verify import verify
from ops.backup.swap import finish_restore
from ops.database.rollback import roll_back, unpin
from tests.builders import home as made_home
from tests.faults.killing.journal_acts import OLDEST, begun, killed_after, make_old, revision
from tests.faults.killing.moments import Work
from tests.ops.audit.catching_up import catch_up

_ENTRY_S = 0.02


def auditing(folder: Path, random: Random) -> Iterator[str]:
    """No entry that was acknowledged is lost, and the chain is whole, in file and journal."""
    home = made_home(folder / "place")
    Journal.open(database_url(home.database)).checkpoint_and_close()
    while True:
        before = _entries(home)
        child, said = begun(lambda into, before=before: _append(home, before, into))
        told = killed_after(child, said, random, most=4, within_s=_ENTRY_S)
        found = verify(home)
        assert not found.fault, found.fault
        assert _entries(home) - max(told) in {0, 1}
        catch_up(home)
        found = verify(home)
        assert not found.fault, found.fault
        assert not found.torn
        assert found.kept == len(found.entries)
        yield f"after {max(told)} entries"


def _entries(home: Home) -> int:
    return sum(entry.action == Action.MANUAL for entry in verify(home).entries)


def _append(home: Home, first: int, into: int) -> None:
    for n in count(first):
        assert append_audit(home, Action.MANUAL, who="smoke", detail=f"entry {n}")
        os.write(into, f"{n + 1}\n".encode())


def rolling_back(folder: Path, random: Random) -> Iterator[str]:
    """The journal is at the old schema or at the new one, whole; what went is kept."""
    template, home = made_home(folder / "template"), Home(folder / "place")
    shutil.rmtree(template.database.parent)
    make_old(template.database.parent, template.database.name)
    Journal.open(database_url(template.database)).checkpoint_and_close()

    def prepare() -> None:
        shutil.rmtree(home.root, ignore_errors=True)
        shutil.copytree(template.root, home.root)

    work = Work(lambda: roll_back(home, who="smoke"), prepare)
    while True:
        at = work.killed(random)
        finish_restore(home)
        assert revision(home.database) in {OLDEST, REVISION}, at
        if revision(home.database) == OLDEST:
            assert pin_file(home.database).exists(), f"{at}: it would be migrated again"
        else:
            roll_back(home, who="smoke")
        assert revision(home.database) == OLDEST, at
        unpin(home, who="smoke")
        Journal.open(database_url(home.database)).checkpoint_and_close()
        assert revision(home.database) == REVISION, at
        yield at


def compacting(folder: Path, random: Random) -> Iterator[str]:
    """VACUUM of a journal leaves each of its rows."""
    template, path = folder / "template", folder / "place" / "journal.db"
    make_old(template, path.name)

    def prepare() -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(template, path.parent)

    def vacuum() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("ANALYZE")

    work = Work(vacuum, prepare)
    while True:
        at = work.killed(random)
        assert revision(path) == OLDEST, at
        yield at


ACTS: dict[str, Callable[[Path, Random], Iterator[str]]] = {
    "auditing": auditing,
    "rolling back": rolling_back,
    "compacting": compacting,
}
