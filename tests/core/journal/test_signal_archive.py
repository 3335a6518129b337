"""Old signals leave for the archive whole, once, and never before it is on the disk."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from core.journal.database import database_url
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.journal.retention import Retention
from core.journal.success_reader import SuccessReader
from core.model.intervals import Interval
from core.model.source import Source
from tests.builders import START_MS
from tests.core.journal.builders import decision, key, opened, signal

DAY_MS = Interval.D1.duration_ms
PER_DAY = 96
LATER_MS = START_MS + 95 * DAY_MS


@pytest.fixture(scope="module")
def four_days(tmp_path_factory):
    """A journal with a signal on each of the days 0, 1, 20 and 94."""
    folder = tmp_path_factory.mktemp("journal")
    made = opened(folder)
    for day in (0, 1, 20, 94):
        at = key(day * PER_DAY)
        made.record_evaluation(decision(at), signal=signal(at))
    made.checkpoint_and_close()
    return (folder / "journal.db").read_bytes()


@pytest.fixture
def journal(tmp_path, four_days):
    (tmp_path / "journal.db").write_bytes(four_days)
    made = opened(tmp_path)
    yield made
    made.close()


def rows(tmp_path, sql):
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        return connection.execute(sql).fetchall()


def archived(tmp_path):
    files = sorted((tmp_path / "archive").glob("*.parquet"))
    return {path.name: pq.read_table(path).to_pylist() for path in files}


def ids(tmp_path):
    return {name: [row["id"] for row in found] for name, found in archived(tmp_path).items()}


def test_signals_of_before_90_days_go_to_a_file_for_each_month(tmp_path, journal):
    before = rows(tmp_path, "SELECT * FROM signals WHERE id = 1")[0]
    trades = rows(tmp_path, "SELECT * FROM trades")
    assert journal.prune(LATER_MS) == 2 + 2  # with the decisions of those days
    assert ids(tmp_path) == {"signals_2025-06.parquet": [1, 2]}
    (first, _) = archived(tmp_path)["signals_2025-06.parquet"]
    assert tuple(first.values()) == before
    assert json.loads(first["reasons"]) == list(signal().reasons)
    assert rows(tmp_path, "SELECT id FROM signals") == [(3,), (4,)]
    assert rows(tmp_path, "SELECT * FROM trades") == trades


def test_the_next_ones_join_their_month_and_nothing_is_there_twice(tmp_path, journal):
    journal.prune(LATER_MS)
    kept = (tmp_path / "journal.db").read_bytes()
    journal.prune(LATER_MS + 30 * DAY_MS)
    assert ids(tmp_path) == {
        "signals_2025-06.parquet": [1, 2],
        "signals_2025-07.parquet": [3],
    }
    journal.close()
    (tmp_path / "journal.db").write_bytes(kept)  # as a crash between file and deletion leaves it
    opened(tmp_path).prune(LATER_MS + 30 * DAY_MS)
    assert ids(tmp_path)["signals_2025-07.parquet"] == [3]


def test_a_number_that_came_again_after_a_restore_is_another_signal(tmp_path, journal):
    journal.prune(LATER_MS)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute("DELETE FROM decisions")
        connection.execute("DELETE FROM signals")
        connection.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'signals'")
        connection.execute("DELETE FROM trades")
        connection.commit()
    at = replace(key(PER_DAY), strategy="another")
    journal.record_evaluation(decision(at), signal=signal(at))
    journal.prune(LATER_MS)
    assert sorted(ids(tmp_path)["signals_2025-06.parquet"]) == [1, 1, 2]


def test_numbers_are_never_given_again(tmp_path, journal):
    journal.prune(LATER_MS + 1000 * DAY_MS)
    assert rows(tmp_path, "SELECT count(*) FROM signals") == [(0,)]
    at = key(2000 * PER_DAY)
    journal.record_evaluation(decision(at), signal=signal(at))
    assert rows(tmp_path, "SELECT id FROM signals") == [(5,)]


def test_what_reads_signals_copes_without_the_old_ones(tmp_path, journal):
    url = database_url(tmp_path / "journal.db")
    counted = SuccessReader.open(url).signals(Source.POLICY, 0, LATER_MS)
    journal.prune(LATER_MS)
    assert SuccessReader.open(url).signals(Source.POLICY, 0, LATER_MS) == counted == 4
    assert [row.id for row in JournalOverview.open(url).recent_signals()] == [4, 3]
    assert len(JournalReader.open(url).open_trades()) == 4


def test_nothing_is_deleted_while_the_archive_cannot_be_written(tmp_path, journal, caplog):
    (tmp_path / "archive").write_text("in the way")
    journal.prune(LATER_MS)
    assert rows(tmp_path, "SELECT count(*) FROM signals") == [(4,)]
    assert "old signals stay in the journal" in caplog.text


def test_a_file_that_cannot_be_read_is_set_aside_not_written_over(tmp_path, journal):
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "signals_2025-06.parquet").write_bytes(b"rubbish")
    journal.prune(LATER_MS)
    assert (tmp_path / "archive" / "signals_2025-06.damaged-1").read_bytes() == b"rubbish"
    assert ids(tmp_path) == {"signals_2025-06.parquet": [1, 2]}


@pytest.mark.parametrize("part", range(1, 9))
def test_what_is_in_a_file_with_a_wrong_bit_is_never_taken_for_signals(tmp_path, journal, part):
    journal.prune(LATER_MS)
    file = tmp_path / "archive" / "signals_2025-06.parquet"
    before, raw = archived(tmp_path)[file.name], bytearray(file.read_bytes())
    raw[part * (len(raw) - 1) // 9] ^= 4
    file.write_bytes(raw)
    at = replace(key(2 * PER_DAY), strategy="another")
    journal.record_evaluation(decision(at), signal=signal(at))
    journal.prune(LATER_MS)
    aside = file.with_suffix(".damaged-1")
    *kept, last = archived(tmp_path)[file.name]
    assert last["id"] == 5
    assert kept == ([] if aside.exists() else before)
    assert not aside.exists() or aside.read_bytes() == raw


def test_signals_may_be_kept_longer(tmp_path, journal):
    journal.prune(LATER_MS, Retention(signal_days=365))
    assert rows(tmp_path, "SELECT count(*) FROM signals") == [(4,)]
    assert not (tmp_path / "archive").exists()
