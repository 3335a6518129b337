import sqlite3
from contextlib import closing

import pytest

from core.journal.journal import Journal
from ops.database.errors import DatabaseError
from ops.processes import Role, registered
from ops.schedule.chores import steps_of
from ops.schedule.due import Chore
from tests.builders import START_MS, settings
from tests.builders import home as made_home
from tests.core.journal.empty_journal import ready

DAY_MS = 86_400_000  # START_MS is in the middle of June 2025
PAGES = 4096 * 500


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose journal has something in it, and has had more."""
    made = made_home(tmp_path_factory.mktemp("home"))
    journal = Journal.open(ready(made.database))
    journal.set_control("kept", "yes", 1)
    journal.checkpoint_and_close()
    with closing(sqlite3.connect(made.database)) as connection:
        for at_ms in (START_MS - 40 * DAY_MS, START_MS):
            connection.execute(
                "INSERT INTO equity (at_ms, source, equity, balance, open_pnl, exposure)"
                f" VALUES ({at_ms}, 'policy', 10000.0, 10000.0, 0.0, 0.0)"
            )
        connection.execute("INSERT INTO control VALUES ('much', zeroblob(?), 1)", (PAGES,))
        connection.commit()
        connection.execute("DELETE FROM control WHERE key = 'much'")
        connection.commit()
    return made


def done(home, chore, *, latched=False):
    steps = steps_of(chore, home, settings(), latched=latched)
    return {step.name: step.act() for step in steps}


def test_each_day_a_backup_comes_before_the_clean_up(home):
    before = set((home.root / "backups").iterdir())
    assert "backup=backup_" in done(home, Chore.DAILY)["backup and clean-up"]
    assert set((home.root / "backups").iterdir()) > before


@pytest.mark.parametrize("chore", Chore)
def test_while_latched_nothing_but_a_backup_is_made(home, chore):
    steps = steps_of(chore, home, settings(), latched=True)
    assert [step.name for step in steps] == ["backup"]


def test_each_week_the_journal_is_compacted_backed_up_and_a_restore_tried(home):
    told = done(home, Chore.WEEKLY)
    assert list(told) == ["database", "backup", "restore drill"]
    assert told["database"].startswith("sound")
    assert home.database.stat().st_size < PAGES
    assert "Everything held" in told["restore drill"]


def test_a_journal_that_an_engine_writes_is_not_compacted(home):
    with registered(home.run, Role.ENGINE):
        assert "compacted without an engine" in done_database(home)


def done_database(home):
    (database, *_) = steps_of(Chore.WEEKLY, home, settings(), latched=False)
    return database.act()


def test_a_damaged_journal_is_a_failure(tmp_path):
    broken = made_home(tmp_path)
    broken.database.write_bytes(b"SQLite format 3\x00" + bytes(8000))
    with pytest.raises(DatabaseError):
        done_database(broken)


@pytest.mark.simulator  # the reports of its days and weeks take a second
def test_each_month_the_last_one_is_reported(home):
    told = done(home, Chore.MONTHLY)
    name = told["report of the month"]
    assert name == "metrics_month_2025-05.txt"
    assert (home.reports / name).exists()


def test_before_anything_was_recorded_there_is_nothing_to_report_or_to_try(tmp_path):
    empty = made_home(tmp_path)
    assert done(empty, Chore.MONTHLY)["report of the month"] == "nothing has been recorded yet"
    assert done(empty, Chore.WEEKLY)["restore drill"] == "nothing has been recorded yet"
