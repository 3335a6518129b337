"""Opening: what is made, what is refused, and in which words."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.journal.database import Access, database_url, open_engine, place, transaction
from core.journal.errors import JournalError, MissingJournalError, UnavailableJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from tests.core.journal.builders import decision, opened


def pragma(path: Path, access: Access, name: str) -> object:
    with transaction(open_engine(database_url(path), access)) as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


def test_writers_use_wal_full_or_normal_synchronisation_and_wait_for_locks(tmp_path):
    opened(tmp_path)
    path = tmp_path / "journal.db"
    assert pragma(path, Access.DURABLE, "journal_mode") == "wal"
    assert pragma(path, Access.DURABLE, "synchronous") == 2
    assert pragma(path, Access.LIGHT, "synchronous") == 1
    for access in Access:
        assert pragma(path, access, "busy_timeout") == 5000
        assert pragma(path, access, "foreign_keys") == 1


def test_a_journal_is_durable_unless_it_is_said_that_it_need_not_be(tmp_path):
    url = database_url(tmp_path / "journal.db")
    for journal, level in ((Journal.open(url), 2), (Journal.open(url, access=Access.LIGHT), 1)):
        with transaction(journal._durable) as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == level
        journal.close()


def test_a_reader_cannot_write(tmp_path):
    opened(tmp_path)
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.READ)
    with (
        pytest.raises(JournalError, match="readonly"),
        transaction(engine) as connection,
    ):
        connection.execute(text("DELETE FROM control"))


def test_a_reader_of_a_missing_database_says_where_it_looked_and_makes_nothing(tmp_path):
    path = tmp_path / "data" / "trading_signals.db"
    with pytest.raises(MissingJournalError, match=str(path)):
        JournalReader.open(database_url(path))
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_vanished_is_an_error_not_a_new_one(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    reader = JournalReader.open(database_url(tmp_path / "journal.db"))
    (tmp_path / "journal.db").unlink()
    with pytest.raises(JournalError, match=r"journal\.db"):
        reader.open_trades()
    assert list(tmp_path.iterdir()) == []


def test_a_writer_makes_the_directories_on_the_way(tmp_path):
    Journal.open(database_url(tmp_path / "a" / "b" / "journal.db")).checkpoint_and_close()
    assert (tmp_path / "a" / "b" / "journal.db").is_file()


@pytest.mark.parametrize("name", ["a b", "100%41", "q?mode=ro", "h#sh", "ü", "quo'te"])
def test_a_path_may_hold_any_character(tmp_path, name):
    path = tmp_path / name / "journal.db"
    for url in (database_url(path), str(database_url(path))):
        Journal.open(url).checkpoint_and_close()
        assert JournalReader.open(url).open_trades() == ()
    assert path.is_file()


@pytest.mark.parametrize("content", [b"this is no database at all, not even nearly", b"\0" * 4096])
def test_a_file_that_is_no_database_is_refused_by_readers_and_writers(tmp_path, content):
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.db"):
        JournalReader.open(database_url(path))
    with pytest.raises(JournalError, match=r"journal\.db"):
        Journal.open(database_url(path))
    assert path.read_bytes() == content


def test_a_database_with_a_damaged_middle_is_a_journal_error(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision())
    journal.checkpoint_and_close()
    path = tmp_path / "journal.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(JournalError, match="malformed"):
        JournalReader.open(database_url(path)).open_trades()


@pytest.mark.parametrize("url", ["not a url", "sqlite://", "sqlite:///:memory:", "nosuch://x/y"])
def test_a_url_that_names_no_shared_database_is_refused(url):
    with pytest.raises(JournalError, match="database URL"):
        open_engine(url, Access.DURABLE)


def test_a_lock_held_too_long_is_a_journal_error(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    path = tmp_path / "journal.db"
    engine = open_engine(database_url(path), Access.DURABLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        with transaction(engine) as connection:
            connection.execute(text("PRAGMA busy_timeout = 1"))  # stays with the pooled connection
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked"), transaction(engine):
            pass
    engine.dispose()


def test_a_password_is_not_part_of_the_place(tmp_path):
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.DURABLE)
    assert place(engine) == str(tmp_path / "journal.db")


def test_a_full_disk_or_a_lock_may_pass(tmp_path):
    journal = opened(tmp_path)
    journal.checkpoint_and_close()
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.DURABLE)
    with transaction(engine) as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))  # as many as there are
    row = text("INSERT INTO control VALUES ('k', :v, 0)").bindparams(v="x" * 1_000_000)
    with (
        pytest.raises(UnavailableJournalError, match="full"),
        transaction(engine) as connection,
    ):
        connection.execute(row)
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM control")).scalar() == 0
        connection.execute(text("PRAGMA busy_timeout = 1"))
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableJournalError, match="locked"), transaction(engine):
            pass
    engine.dispose()


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM nothing", "INSERT INTO control (key) VALUES (NULL)", "not SQL"]
)
def test_what_waiting_does_not_cure_is_told_apart(tmp_path, statement):
    opened(tmp_path).checkpoint_and_close()
    engine = open_engine(database_url(tmp_path / "journal.db"), Access.DURABLE)
    with pytest.raises(JournalError) as raised, transaction(engine) as connection:
        connection.execute(text(statement))
    assert not isinstance(raised.value, UnavailableJournalError)
    engine.dispose()


def test_who_keeps_writing_across_a_restore_writes_to_the_new_file_and_harms_nobody(tmp_path):
    path = tmp_path / "journal.db"
    opened(tmp_path).checkpoint_and_close()
    restored = tmp_path / "restored.db"
    restored.write_bytes(path.read_bytes())
    page = Journal.open(database_url(path), migrate=False)
    page.set_control("before", "1", 1)
    for end in ("-wal", "-shm"):
        (tmp_path / f"journal.db{end}").unlink()
    restored.replace(path)
    engine = Journal.open(database_url(path))
    engine.set_control("engine", "1", 1)
    page.set_control("after", "1", 1)
    page.close()
    assert (tmp_path / "journal.db-wal").exists()
    reader = JournalReader.open(database_url(path))
    told = [reader.control(key) for key in ("before", "engine", "after")]
    assert told == [None, "1", "1"]
    engine.close()


def test_writers_tell_how_long_they_waited_for_the_lock_also_in_vain(tmp_path):
    opened(tmp_path).checkpoint_and_close()
    url, waits = database_url(tmp_path / "journal.db"), []
    engine = open_engine(url, Access.DURABLE, patience_ms=20, waited_s=waits.append)
    with transaction(engine):
        pass
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableJournalError, match="locked"), transaction(engine):
            pass
    engine.dispose()
    free, in_vain = waits
    assert free >= 0.0
    assert in_vain >= 0.02
