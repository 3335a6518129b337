"""Checking and compacting the journal."""

import sqlite3
from contextlib import closing

import pytest

from core.config import Home
from core.journal.tables import REVISION
from ops.database.care import check, optimize
from ops.database.errors import DatabaseError
from ops.processes import Role, RunningError, registered
from tests.ops.database.builders import ROWS, controls, filled, torn


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    filled(made)
    return made


def test_a_sound_journal_is_told_with_its_schema_and_sizes(home):
    found = check(home)
    assert (found.faults, found.revision) == ((), REVISION)
    assert found.rows["control"] == ROWS
    assert found.file_bytes == home.database.stat().st_size


def test_damage_is_told(home):
    torn(home)
    assert check(home).faults


def test_what_is_no_database_is_told(home):
    home.database.write_bytes(b"something else altogether" * 1000)
    assert check(home).faults == ("file is not a database",)


def test_an_index_that_lacks_a_row_is_told(home):
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'commands_waiting'")
        connection.commit()
    assert check(home).faults


def test_compacting_gives_back_what_was_deleted_and_needs_the_engine_gone(home):
    with closing(sqlite3.connect(home.database)) as connection:
        connection.executemany(
            "INSERT INTO control VALUES (?, ?, 0)", [(f"b{n}", "x" * 4000) for n in range(200)]
        )
        connection.execute("DELETE FROM control WHERE key LIKE 'b%'")
        connection.commit()
    with registered(home.run, Role.ENGINE):
        with pytest.raises(RunningError, match="make stop first"):
            optimize(home, compact=True)
        given = optimize(home)  # bit by bit, beside the engine
        assert not given.compacted
        assert given.after_bytes < given.before_bytes - 600_000
    done = optimize(home, compact=True)
    assert done.compacted
    assert done.after_bytes < given.after_bytes
    assert controls(home.database) == ROWS
    assert check(home).faults == ()


def test_without_a_journal_there_is_nothing_to_check(tmp_path):
    for act in (check, optimize):
        with pytest.raises(DatabaseError, match="no such database"):
            act(Home(tmp_path))
