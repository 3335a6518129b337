"""The schema grows by migrations that are whole, backed up, and never go backwards."""

import io
import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.config import REPOSITORY
from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.evaluations import Recorded
from core.journal.journal import Journal
from core.journal.migration import alembic_config, migrate
from core.journal.migrations.versions import r0003_decisions
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.journal.tables import METADATA, REVISION
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.signal import Layer, Vote
from core.model.source import Source
from core.model.trade import TradeStatus
from core.model.verdict import Purpose, Spent
from tests.builders import START_MS
from tests.core.journal.builders import M15_MS, decision, key, opened, signal
from tests.core.journal.older_schema import written_at


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


def test_on_postgresql_new_numbers_begin_after_those_that_a_migration_copied():
    said = io.StringIO()
    options = {"as_sql": True, "output_buffer": said}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context):
        r0003_decisions.upgrade()
    sql = said.getvalue()
    for table in ("trades", "llm_calls"):
        renamed = sql.index(f"ALTER TABLE {table}_new RENAME TO {table};")
        counter = f"pg_get_serial_sequence('{table}', 'id')"
        assert sql.index(f"SELECT setval({counter}, max(id)) FROM {table};") > renamed


def test_ids_of_signals_and_trades_are_never_used_twice(tmp_path):
    opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        for table in ("signals", "trades"):
            sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table])
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
    written_at(path, "0001")
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


_KEY = "symbol, interval, open_time_ms"
_BAR = f"'BTCUSDT', '15m', {START_MS}"
_STAMPS = "'2026-11-21 03:30:00', '2026-11-21 03:30:01'"
_OLD_ROWS = (
    f"INSERT INTO signals (id, created_at, recorded_at, {_KEY}, strategy, direction, strength,"
    " score, confidence, entry, stop, target, quantity, decided_ms, reasons)"
    f" VALUES (7, {_STAMPS}, {_BAR}, 'abc', 'LONG', 'BUY', 0.6, 64.5, 100.0, 97.5, 106.0, 0.5,"
    """ 1795231800999, '["turned up"]')""",
    f"INSERT INTO decisions (created_at, recorded_at, {_KEY}, strategy, outcome, reason, closed_ms,"
    " decided_ms, close, missing, votes, score, rule_direction, rule_strength, rule_confidence,"
    " analyst, signal_id)"
    f" VALUES ({_STAMPS}, {_BAR}, 'abc', 'signal', 'why', 1795231800000, 1795231800999, 100.0,"
    """ '[]', '[{"name": "flip", "value": 1.0, "weight": 0.6, "reason": "up"}]', 0.6, 'LONG',"""
    " 'BUY', 64.5, 'LONG 70', 7)",
    *(
        "INSERT INTO trades (signal_id, created_at, symbol, direction, status, quantity,"
        " decided_ms, stop, target, last_bar_ms, exit_ms, exit_reason, fees, pnl, r_multiple)"
        f" VALUES ({number}, '2026-11-21 03:30:00', 'BTCUSDT', 'LONG', {end}, 0.1, -3.1, -1.0)"
        for number, end in (
            (3, f"'closed', 0.5, 1, 97.5, 106.0, {START_MS}, {START_MS + 9}, 'stop'"),
            (7, f"'pending', 0.5, 1795231800999, 97.5, 106.0, {START_MS}, NULL, NULL"),
        )
    ),
    f"INSERT INTO llm_calls (created_at, {_KEY}, verdict, prompt, prompt_sha256, answer, model,"
    " prompt_tokens, cache_hit_tokens, completion_tokens, cost_usd, latency_ms)"
    f" VALUES ('2026-11-21 03:30:00', {_BAR}, 'LONG 70', 'p', 's', 'a', 'm', 1, 2, 3, 0.25, 9)",
)


def test_a_journal_of_the_second_release_keeps_its_rows_and_their_numbers(tmp_path):
    path = tmp_path / "journal.db"
    written_at(path, "0002")
    execute(path, *_OLD_ROWS)
    journal = Journal.open(database_url(path))
    reader = JournalReader.open(database_url(path))
    (pending,), (done,) = reader.open_trades(), reader.closed_trades(Source.POLICY)
    assert (pending.id, pending.signal_id, pending.confidence) == (7, 7, 64.5)
    assert (done.id, done.signal_id, done.confidence) == (3, 3, 0.0)  # its signal was deleted
    assert (done.fees, done.funding, done.invalidation) == (0.1, 0.0, ())
    (made,) = reader.decisions("BTCUSDT", Interval.M15, START_MS, START_MS + 1)
    assert made.rules is not None
    assert made.rules.votes == (Vote("flip", 1.0, 0.6, "up", Layer.TREND),)
    assert (made.shadows, made.confidence, made.analyst_detail) == ({}, None, "")
    assert reader.spent(Purpose.DECISION, 1795231800999) == Spent(0.25, 1)
    (row,) = JournalOverview.open(database_url(path)).recent_signals()
    assert (row.id, row.status, row.invalidation) == (7, TradeStatus.PENDING, ())
    # What was traded stays known, and no number is used twice.
    again = replace(key(), strategy="abc")
    assert journal.record_evaluation(decision(again), signal=signal(again)) is None
    recorded = journal.record_evaluation(decision(key(1)), signal=signal(key(1)))
    assert recorded == Recorded(8, (8,))
    journal.checkpoint_and_close()


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
    errors = [process.communicate(timeout=300)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], errors
    assert JournalReader.open(database_url(tmp_path / "journal.db")).open_trades() == ()
