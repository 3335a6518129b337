"""A drill restores in a home of its own, compares, and touches nothing."""

import json
import sqlite3
from contextlib import closing

import pytest

from ops.backup.create import create_backup
from ops.backup.drill import drill_file, remember, restore_drill
from ops.backup.places import backup_dir
from ops.processes import Role, registered
from tests.ops.backup.conftest import NOW_S

# Each drill is a whole restore.
pytestmark = pytest.mark.faults


def everything(home):
    return {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("compress", [True, False])
def test_a_sound_backup_holds_also_while_the_engine_runs_and_nothing_changes(home, compress):
    made = create_backup(home, compress=compress)
    with registered(home.run, Role.ENGINE):
        before = everything(home)
        drill = restore_drill(home, made, clock=lambda: NOW_S)
        assert everything(home) == before
    assert drill.held
    assert [step.name for step in drill.steps] == ["restore", "rows", "reports", "success metrics"]
    assert list(backup_dir(home).iterdir()) == [made], "the scratch home is gone"


def test_a_damaged_backup_does_not_hold_and_says_why(home):
    made = create_backup(home)
    made.write_bytes(made.read_bytes()[:-100])
    drill = restore_drill(home, made)
    assert not drill.held
    assert [(step.name, step.held) for step in drill.steps] == [("restore", False)]
    assert "not a whole backup" in "".join(drill.lines())
    assert list(backup_dir(home).iterdir()) == [made]


def test_an_older_journal_is_migrated_on_the_way(home):
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("DROP TABLE audit")
        connection.execute("UPDATE alembic_version SET version_num = '0004'")
    drill = restore_drill(home, create_backup(home))
    assert drill.held, list(drill.lines())
    assert "migrated from schema 0004" in drill.steps[0].result


def test_a_full_disk_is_a_drill_that_did_not_hold(home):
    made = create_backup(home)
    backup_dir(home).rename(home.root / "moved")
    drill = restore_drill(home, home.root / "moved" / made.name)
    assert not drill.held


def test_what_came_of_it_is_remembered(home):
    drill = restore_drill(home, create_backup(home), clock=lambda: NOW_S)
    remember(home, drill)
    told = json.loads(drill_file(home).read_text())
    assert drill_file(home) == home.root / "data" / "restore_drill.json"
    assert (told["at_s"], told["held"], len(told["steps"])) == (NOW_S, True, 4)
