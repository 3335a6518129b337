"""A damaged journal is set aside, and no engine goes on with an empty one by itself."""

import sqlite3
from contextlib import closing

import pytest

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import DamagedJournalError
from core.journal.journal import Journal
from core.model.engine_state import EngineActivity
from ops.audit.verify import read_trail
from ops.backup.create import create_backup
from ops.backup.restore import restore_backup
from ops.database.damage import damage_told, refuse_damaged, start_empty
from ops.database.soundness import damage_of
from ops.journal_watch import EngineWatch, JournalWatch
from tests.ops.database.builders import ROWS, controls, filled, torn

NOW_S = 1_795_231_800.0  # 2026-11-21 03:30:00


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def refused(home):
    with pytest.raises(DamagedJournalError) as error:
        refuse_damaged(home, clock=lambda: NOW_S)
    return str(error.value)


def test_a_sound_journal_and_none_at_all_are_fine(home):
    refuse_damaged(home)
    filled(home)
    refuse_damaged(home)
    assert controls(home.database) == ROWS
    assert damage_told(home) == ""


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b"this is no database at all\n" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b"\0" * path.stat().st_size),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
    ],
    ids=["another file", "cut off", "zeros", "only a header"],
)
def test_what_is_no_sound_database_is_told(home, harm):
    filled(home)
    harm(home.database)
    assert damage_of(home.database)


def test_a_damaged_journal_is_set_aside_as_it_is(home):
    filled(home)
    torn(home)
    damaged = home.database.read_bytes()
    words = refused(home)
    folder = home.database.with_name("corrupt_20261121_033000")
    assert str(folder) in words
    assert "There is no sound backup; python main.py db new" in words
    assert (folder / home.database.name).read_bytes() == damaged
    assert not home.database.exists()
    assert str(folder) in damage_told(home)
    assert "set aside" in read_trail(home)[-1].detail


def test_it_stays_refused_until_somebody_decides(home):
    filled(home)
    torn(home)
    words = refused(home)
    for migrate in (True, False):  # neither a command nor the page begins an empty one
        with pytest.raises(DamagedJournalError, match="db new"):
            Journal.open(database_url(home.database), migrate=migrate)
    assert refused(home) == words
    assert start_empty(home)
    refuse_damaged(home)
    assert damage_told(home) == ""


@pytest.mark.simulator
def test_the_newest_sound_backup_is_offered_and_restoring_it_ends_the_refusal(home):
    filled(home)
    sound = create_backup(home, clock=lambda: NOW_S - 100)
    broken = create_backup(home, clock=lambda: NOW_S - 50)
    broken.write_bytes(broken.read_bytes()[:200])
    torn(home)
    name = sound.name.removesuffix(".tar.gz")
    assert f"make restore BACKUP={name} " in refused(home)
    restored = restore_backup(home, name)
    assert restored.breakers  # nobody knows what had tripped: every account waits for a person
    refuse_damaged(home)
    assert controls(home.database) >= ROWS


def test_what_a_crash_has_left_of_setting_aside_is_finished(home):
    filled(home)
    torn(home)
    refused(home)
    left = home.database.with_name(f"{home.database.name}-wal")
    left.write_bytes(b"of the damaged one")
    refused(home)
    assert not left.exists()
    assert home.database.with_name("corrupt_20261121_033000").joinpath(left.name).exists()


def test_an_empty_file_is_damage_only_where_there_was_a_journal(home):
    home.database.write_bytes(b"")
    refuse_damaged(home)
    home.database.unlink()
    filled(home)
    create_backup(home)
    home.database.write_bytes(b"")
    assert "it is empty" in refused(home)


def test_rubbish_in_the_write_ahead_file_loses_only_the_rubbish(home):
    filled(home)
    home.database.with_name(f"{home.database.name}-wal").write_bytes(b"rubbish" * 5000)
    refuse_damaged(home)
    assert controls(home.database) == ROWS


def test_a_locked_journal_is_not_damaged(home):
    filled(home)
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert damage_of(home.database) == ""


def test_a_row_edited_by_hand_is_no_damage_of_the_file(home):
    filled(home)
    with closing(sqlite3.connect(home.database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'value TEXT', 'value TEXT NOT NULL')"
        )
        connection.commit()
    assert damage_of(home.database) == ""


def test_a_look_takes_no_longer_than_its_time(home):
    filled(home)
    torn(home)
    ticks = iter(range(10**9))
    assert damage_of(home.database, budget_s=0.0, monotonic=lambda: float(next(ticks))) in {
        "",
        damage_of(home.database),
    }


def test_the_page_says_what_was_set_aside_and_how_to_go_on(home):
    filled(home)
    torn(home)
    refused(home)
    watch = EngineWatch(home.run, JournalWatch(database_url(home.database)))
    state = watch.state()
    assert state.activity is EngineActivity.STOPPED
    assert "damaged" in state.detail
    assert "make restore" in state.detail
