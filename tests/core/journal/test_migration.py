"""The schema grows by migrations that are whole, backed up, and never go backwards."""

import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.config import REPOSITORY
from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.journal import Journal
from core.journal.migration import alembic_config, migrate
from core.journal.reader import JournalReader
from core.journal.tables import METADATA, REVISION
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from tests.builders import START_MS
from tests.core.journal.builders import M15_MS, decision, opened


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_the_migrated_schema_is_the_one_the_code_expects(tmp_path):
    opened(tmp_path)
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.READ)
    with transaction(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_newest_migration_is_the_revision_the_code_names():
    scripts = ScriptDirectory.from_config(alembic_config())
    assert scripts.get_heads() == [REVISION]
    names = [script.revision for script in scripts.walk_revisions()]
    assert names == sorted(names, reverse=True)


def test_signal_ids_are_never_used_twice(tmp_path):
    opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'signals'")
        assert "AUTOINCREMENT" in sql.fetchone()[0]


def test_opening_again_changes_nothing_and_makes_no_backup(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    before = (tmp_path / "journal.db").read_bytes()
    opened(tmp_path).checkpoint_and_close()
    assert (tmp_path / "journal.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["journal.db"]


def test_an_older_database_is_copied_whole_before_it_is_migrated(tmp_path):
    path = tmp_path / "journal.db"
    execute(
        path,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "CREATE TABLE notes (word TEXT)",
        "INSERT INTO notes VALUES ('kept')",
    )
    Journal.open(database_url(path)).checkpoint_and_close()
    with closing(sqlite3.connect(path.with_name("journal.db.pre_migration"))) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        assert tables == {"alembic_version", "notes"}
        assert copy.execute("SELECT word FROM notes").fetchall() == [("kept",)]
    assert JournalReader.open(database_url(path)).open_trades() == ()
    assert {p.name for p in tmp_path.iterdir()} == {"journal.db", "journal.db.pre_migration"}


def test_a_journal_of_the_first_release_keeps_its_rows_and_gains_regimes(tmp_path):
    path = tmp_path / "journal.db"
    engine = open_engine(database_url(path), Access.DURABLE)
    with transaction(engine) as connection:
        command.upgrade(alembic_config(connection), "0001")
    engine.dispose()
    row = "1795231800999, 10000.0, 10000.0, 0.0"
    execute(path, f"INSERT INTO equity (at_ms, equity, balance, open_pnl) VALUES ({row})")
    journal = Journal.open(database_url(path))
    change = RegimeChange("BTCUSDT", Interval.M15, Regime.RANGE, START_MS, START_MS + M15_MS - 1)
    journal.add_regime(change)
    journal.checkpoint_and_close()
    reader = JournalReader.open(database_url(path))
    assert [point.at_ms for point in reader.equity_curve()] == [1795231800999]
    assert reader.regime_history("BTCUSDT", Interval.M15) == (change,)
    with closing(sqlite3.connect(path.with_name("journal.db.pre_migration"))) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert copy.execute("SELECT count(*) FROM equity").fetchall() == [(1,)]
    assert "regimes" not in tables


def test_a_migration_that_fails_changes_nothing(tmp_path):
    path = tmp_path / "journal.db"
    execute(path, "CREATE TABLE trades (word TEXT)", "INSERT INTO trades VALUES ('mine')")
    with pytest.raises(JournalError, match="trades already exists"):
        Journal.open(database_url(path))
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert names == {"trades"}


def test_a_newer_database_is_refused_naming_both_revisions(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    path = tmp_path / "journal.db"
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    for opening in (Journal.open, JournalReader.open):
        with pytest.raises(JournalError, match=rf"9999 is newer than this program's {REVISION}"):
            opening(database_url(path))
    assert not path.with_name("journal.db.pre_migration").exists()


def test_an_older_database_is_refused_by_who_may_not_migrate(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    path = tmp_path / "journal.db"
    execute(path, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(JournalError, match="0000 is older"):
        JournalReader.open(database_url(path))
    with pytest.raises(JournalError, match="0000 is older"):
        Journal.open(database_url(path), migrate=False)


def test_an_empty_file_is_a_new_journal_to_the_writer_and_an_empty_one_to_readers(tmp_path):
    path = tmp_path / "journal.db"
    path.touch()
    with pytest.raises(EmptyJournalError, match="empty"):
        JournalReader.open(database_url(path))
    Journal.open(database_url(path)).checkpoint_and_close()
    assert JournalReader.open(database_url(path)).open_trades() == ()
    assert not path.with_name("journal.db.pre_migration").exists()


def test_another_programs_database_is_no_journal(tmp_path):
    execute(tmp_path / "journal.db", "CREATE TABLE notes (word TEXT)")
    with pytest.raises(JournalError, match="not a journal's"):
        JournalReader.open(database_url(tmp_path / "journal.db"))


def test_migrating_leaves_the_logging_set_up_alone(tmp_path):
    root = logging.getLogger()
    bystander = logging.getLogger("bystander")
    before = (root.level, list(root.handlers), bystander.disabled)
    opened(tmp_path)
    assert (root.level, list(root.handlers), bystander.disabled) == before


def test_migrating_twice_is_migrating_once(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision())
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.DURABLE)
    migrate(engine)
    engine.dispose()
    assert journal.record_evaluation(decision()) is None


@pytest.mark.simulator
def test_processes_that_open_a_new_journal_at_once_all_succeed(tmp_path):
    code = (
        "import sys; from pathlib import Path; from core.journal.database import database_url; "
        "from core.journal.journal import Journal; sys.stdin.readline(); "
        "Journal.open(database_url(Path(sys.argv[1]))).checkpoint_and_close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "journal.db")]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=30)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    assert JournalReader.open(database_url(tmp_path / "journal.db")).open_trades() == ()
