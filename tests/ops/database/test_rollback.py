"""The way back from a migration, and that nothing migrates again by itself."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import PinnedJournalError
from core.journal.journal import Journal
from core.journal.tables import REVISION
from ops.audit.verify import read_trail, verify
from ops.backup.create import create_backup
from ops.backup.errors import BackupError
from ops.backup.places import backups
from ops.backup.restore import restore_backup
from ops.database.errors import DatabaseError
from ops.database.opening import migrate_journal
from ops.database.rollback import pre_migration, roll_back, unpin
from ops.processes import Role, RunningError, registered
from tests.core.journal.older_schema import written_at


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def revision(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def keys(path):
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM control ORDER BY key")]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A home whose journal was migrated from revision 0004, and written since."""
    made = Home(tmp_path_factory.mktemp("migrated"))
    made.create()
    written_at(made.database, "0004")
    execute(made.database, "INSERT INTO control VALUES ('before', '1', 0)")
    assert migrate_journal(made, who="engine") == "0004"
    execute(made.database, "INSERT INTO control VALUES ('since', '1', 0)")
    execute(made.database, "INSERT INTO control VALUES ('paused_symbols', '[\"BTCUSDT\"]', 0)")
    return made.root


@pytest.fixture
def home(tmp_path, migrated):
    shutil.copytree(migrated, tmp_path / "home")
    return Home(tmp_path / "home")


def test_a_migration_is_written_down(home):
    (entry,) = read_trail(home)
    assert entry.action == "migrate"
    assert entry.detail.startswith(f"schema 0004 -> {REVISION}; as it was: ")
    assert not verify(home).fault


def test_the_journal_from_before_is_back_and_what_was_there_is_kept(home):
    home.database.with_name(f"{home.database.name}-shm").write_bytes(b"stale")
    done = roll_back(home, who="ann")
    assert (done.schema, revision(home.database)) == ("0004", "0004")
    assert keys(home.database) == ["before", "paused_symbols"]  # a pause is no less strict
    assert backups(home) == [done.replaced]
    assert [path.name for path in home.database.parent.glob("trading_signals.db-*")] == []
    assert pre_migration(home).exists()
    assert read_trail(home)[-1].detail.startswith("journal rolled back to schema 0004, pinned")


def test_the_newer_schema_stays_out_until_it_is_let_in(home):
    roll_back(home, who="ann")
    with pytest.raises(PinnedJournalError, match=r"python main\.py db unpin"):
        Journal.open(database_url(home.database))
    assert revision(home.database) == "0004"
    assert unpin(home, who="ann")
    assert not unpin(home, who="ann")
    Journal.open(database_url(home.database)).checkpoint_and_close()
    assert revision(home.database) == REVISION
    assert "before" in keys(home.database)


def test_nothing_changes_while_an_engine_runs_or_without_a_way_back(home):
    before = home.database.read_bytes()
    with registered(home.run, Role.ENGINE), pytest.raises(RunningError):
        roll_back(home, who="ann")
    pre_migration(home).write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseError, match="cannot be put back"):
        roll_back(home, who="ann")
    pre_migration(home).unlink()
    with pytest.raises(DatabaseError, match="not there"):
        roll_back(home, who="ann")
    assert home.database.read_bytes() == before
    assert not list(home.database.parent.glob("schema.pin"))
    assert not list(home.database.parent.glob(".rolling*"))


@pytest.mark.simulator
def test_what_the_older_program_wrote_since_is_not_rolled_back_again(home):
    roll_back(home, who="ann")
    execute(home.database, "INSERT INTO control VALUES ('by the older program', '1', 0)")
    with pytest.raises(DatabaseError, match="is at schema 0004 already"):
        roll_back(home, who="ann")
    assert "by the older program" in keys(home.database)


def test_a_damaged_journal_is_kept_as_it_is(home):
    with home.database.open("r+b") as file:
        file.write(b"\xff" * 8192)
    damaged = home.database.read_bytes()
    done = roll_back(home, who="ann")
    assert (done.replaced / home.database.name).read_bytes() == damaged
    assert revision(home.database) == "0004"


@pytest.mark.simulator
def test_an_older_backup_is_not_migrated_past_the_pin_either(home):
    done = roll_back(home, who="ann")
    older = create_backup(home)
    with pytest.raises(BackupError, match=r"python main\.py db unpin"):
        restore_backup(home, older.name)
    assert revision(home.database) == "0004"
    restore_backup(home, done.replaced.name)  # of this program's schema: nothing is migrated
    assert revision(home.database) == REVISION
    assert "since" in keys(home.database)
