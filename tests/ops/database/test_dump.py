"""The journal as SQL is whole, and what reads it has the same rows."""

import sqlite3
from contextlib import closing

import pytest

from core.config import Home
from ops.database.dump import dump
from ops.database.errors import DatabaseError
from tests.ops.database.builders import filled, torn


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "home")
    filled(made)
    return made


def rows(connection):
    return [
        (name, connection.execute(f'SELECT * FROM "{name}"').fetchall())
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
    ]


def test_a_database_made_of_the_text_holds_the_same(home, tmp_path):
    with closing(sqlite3.connect(home.database)) as journal:
        journal.execute(
            "INSERT INTO control VALUES ('odd', ?, 0)", ['it\'s; "ä" 🙂\n-- new\r\nline']
        )
        journal.execute("INSERT INTO equity VALUES ('policy', 1, 0.1, 1e300, -0.0, 1e-9)")
        journal.commit()
        target = tmp_path / "dump.sql"
        told = []
        assert dump(home, target, told.append) > 20
        with closing(sqlite3.connect(tmp_path / "new.db")) as new:
            new.executescript(target.read_bytes().decode())
            assert rows(new) == rows(journal)
            assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.sql", "home", "new.db"]


def test_a_dump_that_fails_leaves_the_older_one_and_no_piece(home, tmp_path):
    target = tmp_path / "dump.sql"
    target.write_text("older")
    torn(home)
    with pytest.raises(DatabaseError):
        dump(home, target)
    assert target.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dump.sql", "home"]
    assert not list(home.database.parent.glob(".dumping*"))


def test_a_place_that_cannot_be_written_is_one_line(home, tmp_path):
    for target in (tmp_path, tmp_path / "absent" / "dump.sql"):
        with pytest.raises(DatabaseError, match=str(target)):
            dump(home, target)
