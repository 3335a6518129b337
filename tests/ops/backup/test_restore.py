"""A restore is whole or not at all, keeps what it replaces, and loosens nothing."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from alembic import command

from core.breaker_book import breakers_key
from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.migration import alembic_config
from core.journal.reader import JournalReader
from core.journal.tables import REVISION
from core.model.intervals import Interval
from core.model.source import Source
from core.pause_book import PAUSED_SYMBOLS
from core.trading.breakers import BreakerLimits, Breakers
from ops.backup.breaker_keeping import keep_stricter
from ops.backup.create import create_backup
from ops.backup.errors import BackupError
from ops.backup.places import backups
from ops.backup.restore import STAGING, restore_backup
from ops.processes import Role, RunningError, registered
from tests.builders import START_MS
from tests.ops.backup.conftest import NOW_S

DAY_MS = Interval.D1.duration_ms
# Each restore is several synced copies of a journal.
pytestmark = pytest.mark.faults

LIMITS = BreakerLimits(daily_loss_pct=3.0, max_drawdown_pct=20.0)
QUIET = Breakers.begun(START_MS, 10_000.0)
DAILY = QUIET.observed(START_MS + 1, 9_600.0, LIMITS)
DRAWDOWN = QUIET.observed(START_MS + 1, 7_000.0, LIMITS)
DAMAGED = "what is this?"
# Days after the drawdown that is restored, a loss of today that would be forgotten with it.
TODAY = replace(DAILY, at_ms=START_MS + 5 * DAY_MS, day_start=9_990.0)
BOTH = replace(DRAWDOWN, at_ms=TODAY.at_ms, day_start=9_990.0, daily_loss_at=9_600.0)


def tell(database, key, value):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO control VALUES (?, ?, 1)", (key, value))


def told(database):
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT key, value FROM control").fetchall())


@pytest.fixture
def backup(home):
    """A backup, after which something was written that is not in it."""
    made = create_backup(home, clock=lambda: NOW_S)
    tell(home.database, "written", "afterwards")
    return made


def everything(home):
    places = (path for path in home.root.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path: path.read_bytes() for path in places}


def test_it_puts_the_journal_back_and_keeps_what_was_there(home, backup):
    done = restore_backup(home, "latest", clock=lambda: NOW_S + 60)
    assert told(home.database) == {"kept": "before"}
    assert done.replaced in backups(home)
    restore_backup(home, done.replaced.name, clock=lambda: NOW_S + 120)
    assert told(home.database)["written"] == "afterwards"


def test_what_a_killed_restore_had_laid_ready_goes(home, backup):
    (home.database.parent / f"{STAGING}x" / "data").mkdir(parents=True)
    restore_backup(home, backup.name)
    assert not list(home.database.parent.glob(f"{STAGING}*"))


def test_it_takes_the_folder_form_too(home):
    folder = create_backup(home, compress=False, clock=lambda: NOW_S)
    tell(home.database, "written", "afterwards")
    restore_backup(home, folder.name)
    assert told(home.database) == {"kept": "before"}


def test_a_dry_run_checks_and_changes_nothing(home, backup):
    before = everything(home)
    done = restore_backup(home, backup.name, dry_run=True)
    assert (done.replaced, done.manifest.rows["control"]) == (None, 1)
    assert everything(home) == before


def test_write_ahead_files_of_the_old_journal_do_not_outlive_it(home, backup):
    for end in ("-wal", "-shm"):
        home.database.with_name(home.database.name + end).write_bytes(b"stale")
    restore_backup(home, backup.name)
    assert told(home.database) == {"kept": "before"}
    assert not [p for p in home.database.parent.iterdir() if p.name.endswith(("-wal", "-shm"))]


def test_a_report_comes_back_and_a_newer_one_stays(home, backup):
    (home.reports / "daily_2026-09-20.json").unlink()
    (home.reports / "newer.json").write_text("[]")
    restore_backup(home, backup.name)
    assert {path.name for path in home.reports.iterdir()} == {
        "daily_2026-09-20.json",
        "newer.json",
    }


def test_while_the_engine_runs_it_refuses_and_names_it(home, backup):
    before = everything(home)
    with registered(home.run, Role.ENGINE), pytest.raises(RunningError, match="pid"):
        restore_backup(home, backup.name)
    assert everything(home) == before


def test_the_engine_is_kept_out_only_as_long_as_it_lasts(home, backup):
    restore_backup(home, backup.name)
    with registered(home.run, Role.ENGINE):
        pass


@pytest.mark.parametrize("schema", ["9999", None])
def test_a_schema_that_is_not_ours_is_refused_and_nothing_changes(home, schema):
    with closing(sqlite3.connect(home.database)) as connection, connection:
        if schema is None:
            connection.execute("DROP TABLE alembic_version")
        else:
            connection.execute("UPDATE alembic_version SET version_num = ?", (schema,))
    made = create_backup(home, clock=lambda: NOW_S)
    before = everything(home)
    with pytest.raises(BackupError, match=f"reads up to {REVISION}" if schema else "no journal"):
        restore_backup(home, made.name)
    assert everything(home) == before


def test_an_older_schema_is_migrated(home):
    home.database.unlink()
    engine = open_engine(database_url(home.database), Access.DURABLE)
    with transaction(engine) as connection:
        command.upgrade(alembic_config(connection), "0001")
    engine.dispose()
    made = create_backup(home, clock=lambda: NOW_S)
    assert restore_backup(home, made.name, dry_run=True).migrated
    done = restore_backup(home, made.name)
    assert (done.manifest.schema, done.migrated) == ("0001", True)
    JournalReader.open(database_url(home.database))
    assert not list(home.database.parent.glob("*.pre_migration"))


def test_a_corrupt_backup_changes_nothing(home, backup):
    backup.write_bytes(backup.read_bytes()[:-100])
    before = everything(home)
    with pytest.raises(BackupError, match="not a whole backup"):
        restore_backup(home, backup.name)
    assert everything(home) == before


def test_what_is_replaced_is_kept_though_it_is_damaged(home, backup):
    home.database.write_bytes(b"not a database")
    done = restore_backup(home, backup.name)
    assert (done.replaced / home.database.name).read_bytes() == b"not a database"
    assert set(done.breakers) == {source.value for source in Source}


def test_the_emergency_latch_stays(home, backup):
    home.emergency_latch.write_text("stopped\n")
    restore_backup(home, backup.name)
    assert home.emergency_latch.read_text() == "stopped\n"


@pytest.mark.parametrize(
    ("present", "coming", "expected"),
    [
        (DRAWDOWN.to_json(), QUIET.to_json(), DRAWDOWN.to_json()),
        (DRAWDOWN.to_json(), None, DRAWDOWN.to_json()),
        (DRAWDOWN.to_json(), DAILY.to_json(), DRAWDOWN.to_json()),
        (DAILY.to_json(), QUIET.to_json(), DAILY.to_json()),
        (DAMAGED, QUIET.to_json(), DAMAGED),
        (QUIET.to_json(), DRAWDOWN.to_json(), DRAWDOWN.to_json()),
        (DAILY.to_json(), DRAWDOWN.to_json(), DRAWDOWN.to_json()),
        (None, DRAWDOWN.to_json(), DRAWDOWN.to_json()),
        (QUIET.to_json(), DAILY.to_json(), DAILY.to_json()),
        (TODAY.to_json(), DRAWDOWN.to_json(), BOTH.to_json()),
        (DAILY.to_json(), DAMAGED, DAMAGED),
    ],
)
def test_of_two_breakers_the_stricter_stays(home, tmp_path, present, coming, expected):
    key = breakers_key(Source.POLICY)
    restored = tmp_path / "restored.db"
    shutil.copyfile(home.database, restored)
    for database, state in ((home.database, present), (restored, coming)):
        if state is not None:
            tell(database, key, state)
    keep_stricter(home.database, restored)
    assert told(restored)[key] == expected


@pytest.mark.parametrize(
    ("present", "coming", "expected"),
    [
        ('["BTCUSDT"]', None, '["BTCUSDT"]'),
        ('["BTCUSDT"]', '["ETHUSDT", "BTCUSDT"]', '["BTCUSDT", "ETHUSDT"]'),
        ("damaged", "[]", "damaged"),
        ("[]", '["ETHUSDT"]', '["ETHUSDT"]'),
        ('["BTCUSDT"]', "damaged", "damaged"),
        ('{"BTCUSDT": 1}', "[]", '{"BTCUSDT": 1}'),
    ],
)
def test_what_either_journal_pauses_stays_paused(home, tmp_path, present, coming, expected):
    restored = tmp_path / "restored.db"
    shutil.copyfile(home.database, restored)
    tell(home.database, PAUSED_SYMBOLS, present)
    if coming is not None:
        tell(restored, PAUSED_SYMBOLS, coming)
    keep_stricter(home.database, restored)
    assert told(restored)[PAUSED_SYMBOLS] == expected
