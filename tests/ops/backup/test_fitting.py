"""An archive is packed whatever its journal is; one that cannot be thinned is told of."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from ops.backup.archive import read_manifest
from ops.backup.contents import DATABASE
from ops.backup.errors import BackupError
from ops.backup.fitting import Fitting, summed
from ops.backup.manifest import Manifest
from ops.backup.selection import Selection

TOO_SMALL = Selection(largest_bytes=10)


def fitting(database, tmp_path, heard):
    manifest = Manifest("2026-09-21T14:13:20Z", "0.1.0", None, "3", members={}, rows={})
    files = {DATABASE: database}
    return Fitting(tmp_path / "made", "backup_x", manifest, files, TOO_SMALL, heard.append)


@pytest.fixture
def decided(tmp_path, small_journal):
    """A journal with one decision."""
    path = shutil.copyfile(small_journal, tmp_path / "decided.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO decisions (created_at, recorded_at, symbol, interval, open_time_ms, "
            "strategy, outcome, reason, closed_ms, decided_ms, features, missing, votes, analyst) "
            "VALUES ('', '', 'BTCUSDT', '15m', 1000, '', 'hold', '', 1, 1, '{}', '[]', '[]', '')"
        )
    return path


def test_it_tells_from_when_on_decisions_are_whole(decided, tmp_path):
    heard = []
    fitting(decided, tmp_path, heard).pack()
    told = read_manifest(tmp_path / "made")
    assert told.thinned_before_ms == 1001
    assert told.members == summed(told, {DATABASE: decided}).members, "of the thinned one"
    assert heard.count("packing") == 1


def test_a_database_of_another_schema_is_packed_as_it_is(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE decisions (id INTEGER PRIMARY KEY)")
    before = path.read_bytes()
    fitting(path, tmp_path, []).pack()
    assert read_manifest(tmp_path / "made").thinned_before_ms is None
    assert path.read_bytes() == before


def test_where_the_thinner_one_cannot_be_written_nothing_is_packed(decided, tmp_path):
    decided.with_name(f"{decided.name}.fresh").mkdir()
    with pytest.raises(BackupError, match="cannot be thinned"):
        fitting(decided, tmp_path, []).pack()
    assert not (tmp_path / "made").exists()
