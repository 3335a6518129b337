"""A restore is whole or not at all, keeps what it replaces, and loosens nothing."""

import gzip
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import typer

from core.breaker_book import breakers_key
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.journal.tables import REVISION
from core.model.intervals import Interval
from core.model.source import Source
from core.pause_book import PAUSED_SYMBOLS
from core.trading.breakers import BreakerLimits, Breakers
from ops.audit.trail import audit_file
from ops.backup.breaker_keeping import keep_stricter
from ops.backup.checking import opened
from ops.backup.create import create_backup
from ops.backup.drill import restore_drill
from ops.backup.errors import BackupError
from ops.backup.places import backup_dir, backups
from ops.backup.restore import STAGING, restore_backup
from ops.backup.selection import Selection
from ops.commands.backup import restore_command
from ops.processes import Role, RunningError, registered
from tests.builders import START_MS
from tests.core.journal.builders import decision
from tests.core.journal.older_schema import written_at
from tests.ops.backup.conftest import NOW_S

DAY_MS = Interval.D1.duration_ms
# Each restore is several synced copies of a journal.
pytestmark = pytest.mark.faults

WORDS = "correct horse battery"
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
    written_at(home.database, "0001")
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


def test_a_dry_run_is_possible_while_the_engine_runs(home, backup):
    with registered(home.run, Role.ENGINE):
        assert restore_backup(home, backup.name, dry_run=True).replaced is None
    assert told(home.database)["written"] == "afterwards"


@pytest.mark.parametrize("blocked", ["daily_2026-09-20.json/x", "deep"])
def test_what_lies_in_the_way_is_found_before_anything_is_moved(home, blocked):
    """After the decision every move has to be possible, or no start would ever finish it."""
    (home.reports / "deep").mkdir()
    (home.reports / "deep" / "a.json").write_text("{}")
    made = create_backup(home, clock=lambda: NOW_S)
    tell(home.database, "written", "afterwards")
    shutil.rmtree(home.reports)
    (home.reports / blocked).parent.mkdir(parents=True)
    (home.reports / blocked).write_text("mine")
    before = everything(home)
    with pytest.raises(BackupError, match="in the way"):
        restore_backup(home, made.name)
    assert everything(home) == before
    assert not (home.database.parent / ".restore").exists()


def test_candles_come_back_where_there_are_none_and_newer_ones_stay(home):
    for name in ("A_1m_history.parquet", "B_1m_history.parquet"):
        (home.cache / name).write_bytes(b"old")
    made = create_backup(home, clock=lambda: NOW_S, selection=Selection(candles=True))
    (home.cache / "A_1m_history.parquet").unlink()
    (home.cache / "B_1m_history.parquet").write_bytes(b"newer")
    restore_backup(home, made.name)
    assert {path.name: path.read_bytes() for path in home.cache.glob("*.parquet")} == {
        "A_1m_history.parquet": b"old",
        "B_1m_history.parquet": b"newer",
    }


def test_old_signals_come_back_where_they_are_gone_and_no_archive_that_is_there_is_replaced(home):
    archive = home.database.parent / "archive"
    archive.mkdir()
    for name in ("signals_2026-05.parquet", "signals_2026-06.parquet"):
        (archive / name).write_bytes(b"old")
    made = create_backup(home, clock=lambda: NOW_S)
    (archive / "signals_2026-05.parquet").unlink()
    (archive / "signals_2026-06.parquet").write_bytes(b"with more")
    (archive / "signals_2026-07.parquet").write_bytes(b"new")
    restore_backup(home, made.name)
    assert {path.name: path.read_bytes() for path in archive.glob("*.parquet")} == {
        "signals_2026-05.parquet": b"old",
        "signals_2026-06.parquet": b"with more",
        "signals_2026-07.parquet": b"new",
    }
    assert "2 months of old signals" in restore_drill(home, made).steps[2].result


def test_a_file_in_the_place_of_the_archive_is_found_before_anything_is_moved(home):
    archive = home.database.parent / "archive"
    archive.mkdir()
    (archive / "signals_2026-05.parquet").write_bytes(b"old")
    made = create_backup(home, clock=lambda: NOW_S)
    shutil.rmtree(archive)
    archive.write_text("mine")
    before = everything(home)
    with pytest.raises(BackupError, match="in the way"):
        restore_backup(home, made.name)
    assert everything(home) == before


def test_old_signals_take_no_room_from_the_decisions(home, tmp_path):
    journal = Journal.open(database_url(home.database))
    journal.record_evaluation(decision())
    journal.close()
    enough = create_backup(home).stat().st_size + 2_000
    archive = home.database.parent / "archive"
    archive.mkdir()
    (archive / "signals_2026-05.parquet").write_bytes(os.urandom(200_000))
    made = create_backup(home, selection=Selection(largest_bytes=enough))
    assert opened(made, tmp_path / "opened").thinned_before_ms is None
    small = create_backup(home, selection=Selection(largest_bytes=2_000))
    assert opened(small, tmp_path / "small").thinned_before_ms is not None


def test_a_backup_holds_no_candles_unless_they_are_asked_for(home):
    (home.cache / "A_1m_history.parquet").write_bytes(b"old")
    made = create_backup(home, compress=False)
    assert not list(made.rglob("*.parquet"))


def test_a_restore_is_in_the_trail_and_in_the_restored_journal(home, backup):
    restore_backup(home, backup.name)
    (line,) = audit_file(home).read_text().splitlines()
    entry = json.loads(line)
    assert (entry["action"], backup.name in entry["detail"]) == ("restore", True)
    with closing(sqlite3.connect(home.database)) as connection:
        assert connection.execute("SELECT action FROM audit").fetchall() == [("restore",)]


def test_a_restore_that_is_refused_is_not_in_the_trail(home, backup):
    backup.write_bytes(b"")
    with pytest.raises(BackupError):
        restore_backup(home, backup.name)
    assert not audit_file(home).exists()


def test_secrets_come_back_with_their_passphrase_and_with_no_other(home, tmp_path):
    env = tmp_path / ".env"
    env.write_text("DEEPSEEK_API_KEY=sk-from-the-file\n")
    chosen = Selection(passphrase=WORDS)
    made = create_backup(home, clock=lambda: NOW_S, selection=chosen)
    with gzip.open(made) as unpacked:
        assert b"sk-from" not in unpacked.read()
    env.write_text("DEEPSEEK_API_KEY=sk-of-today\n")
    tell(home.database, "written", "afterwards")
    before = everything(home)
    with pytest.raises(BackupError, match="do not open"):
        restore_backup(home, made.name, passphrase=WORDS[1:])
    assert everything(home) == before
    assert env.read_text() == "DEEPSEEK_API_KEY=sk-of-today\n"
    done = restore_backup(home, made.name, passphrase=WORDS)
    assert env.read_text() == "DEEPSEEK_API_KEY=sk-from-the-file\n"
    assert done.secrets.replaced.read_text() == "DEEPSEEK_API_KEY=sk-of-today\n"


def test_a_backup_without_secrets_restores_none(home, backup):
    before = everything(home)
    with pytest.raises(BackupError, match="holds no secrets"):
        restore_backup(home, backup.name, passphrase=WORDS)
    assert everything(home) == before


def test_secrets_that_are_not_there_cannot_be_backed_up(home):
    with pytest.raises(BackupError, match="no secrets to back up"):
        create_backup(home, selection=Selection(passphrase=WORDS))
    assert list(backup_dir(home).iterdir()) == []


REGIONS = ("gzip header", "first headers", "manifest", "journal", "last member", "trailer")


@pytest.mark.parametrize("region", REGIONS)
def test_damage_in_any_region_is_one_line_and_status_2_and_changes_nothing(
    home, backup, region, monkeypatch, capsys
):
    monkeypatch.setenv("TRADING_HOME", str(home.root))
    whole, before = backup.read_bytes(), None
    size = len(whole)
    starts = {"gzip header": (0, 4), "first headers": (10, 40), "manifest": (60, 300)}
    starts |= {"journal": (size // 3, size // 2), "last member": (size - 60, size - 9)}
    first, last = starts.get(region, (size - 8, size))
    for place in range(first, last, max(1, (last - first) // 8)):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 0x2A]) + whole[place + 1 :])
        before = everything(home)
        with pytest.raises(typer.Exit) as ended:
            restore_command(backup.name)
        assert ended.value.exit_code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
        assert everything(home) == before


def test_a_pipe_with_the_name_of_a_backup_is_none(home):
    backup_dir(home).joinpath("backup_20260921_141320.tar.gz").parent.mkdir(exist_ok=True)
    os.mkfifo(backup_dir(home) / "backup_20260921_141320.tar.gz")
    assert backups(home) == []
    with pytest.raises(BackupError, match="no such backup"):
        restore_backup(home, "backup_20260921_141320")
