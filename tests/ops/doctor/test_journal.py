import sqlite3

import pytest

from core.config import Home
from core.journal.journal import Journal
from core.journal.schema_pin import pin_file
from core.journal.tables import REVISION
from ops.doctor.diagnosis import Verdict
from ops.doctor.journal import journal_check, wal_check
from tests.core.journal.empty_journal import ready
from tests.ops.doctor.scene import tree


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    path = tmp_path_factory.mktemp("journal") / "made.db"
    Journal.open(ready(path)).checkpoint_and_close()
    return path.read_bytes()


@pytest.fixture
def home(tmp_path, empty):
    made = Home(tmp_path)
    made.create()
    made.database.write_bytes(empty)
    return made


def altered(home, statement):
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute(statement)
    connection.close()


def looked_at(home, *, in_use=False):
    """The answer of a look that leaves the home as it was."""
    before = tree(home.root)
    found = journal_check(home, in_use=in_use)
    assert tree(home.root) == before
    return found


def test_a_sound_journal_is_told_with_its_schema(home):
    found = looked_at(home)
    assert found.verdict is Verdict.OK
    assert found.words.endswith(f"sound, schema {REVISION}")


def test_what_only_a_write_ahead_file_holds_is_looked_at_and_left(home):
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("UPDATE alembic_version SET version_num = '9999'")
    home.database.with_name(f"{home.database.name}-shm").touch()
    assert "9999 is newer" in looked_at(home).words
    in_use = journal_check(home, in_use=True)
    assert "9999 is newer" in in_use.words
    other.close()


def test_no_journal_is_no_problem_but_one_set_aside_is(home):
    home.database.unlink()
    assert looked_at(home).verdict is Verdict.OK
    home.damage_mark.write_text("data/corrupt_1\nwords\n")
    assert looked_at(home).verdict is Verdict.PROBLEM


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: b"not a database at all" * 500,
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw[:4096] + b"\xff" * 8192 + raw[12288:],
    ],
)
def test_a_damaged_journal_is_a_problem_that_says_how_to_go_on(home, damage):
    home.database.write_bytes(damage(home.database.read_bytes()))
    found = looked_at(home)
    assert found.verdict is Verdict.PROBLEM
    assert "is damaged" in found.words
    assert "restore" in found.advice


def test_an_older_schema_is_migrated_unless_it_is_pinned(home):
    altered(home, "UPDATE alembic_version SET version_num = '0001'")
    found = looked_at(home)
    assert found.verdict is Verdict.OK
    assert f"migrated to {REVISION}" in found.words
    pin_file(home.database).touch()
    pinned = looked_at(home)
    assert pinned.verdict is Verdict.PROBLEM
    assert "db unpin" in pinned.advice


def test_another_s_database_is_told(home):
    altered(home, "DROP TABLE alembic_version")
    assert looked_at(home).verdict is Verdict.WARNING


def test_a_look_that_takes_too_long_ends(home):
    now = iter(range(0, 10_000, 100))
    altered(
        home,
        "INSERT INTO control WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 20000) SELECT 'k' || i, 'v', 0 FROM n",
    )
    found = journal_check(home, in_use=False, monotonic=lambda: float(next(now)))
    assert found.verdict is Verdict.WARNING
    assert "not all was read" in found.words


def test_a_write_ahead_file_that_nobody_empties_is_told(home):
    assert wal_check(home).verdict is Verdict.OK
    wal = home.database.with_name(f"{home.database.name}-wal")
    with wal.open("wb") as file:
        file.truncate(65_000_000)
    assert wal_check(home).verdict is Verdict.WARNING
