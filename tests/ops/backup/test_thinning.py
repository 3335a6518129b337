"""A journal that is too large for its backup goes without the details of its oldest decisions."""

import json
import sqlite3
import zlib
from contextlib import closing

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.intervals import Interval
from ops.audit.trail import audit_file
from ops.backup.checking import manifest_of, opened
from ops.backup.contents import DATABASE
from ops.backup.create import create_backup
from ops.backup.drill import restore_drill
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest
from ops.backup.restore import restore_backup
from ops.backup.selection import Selection
from ops.backup.thinning import packed_guess, thin
from tests.builders import START_MS, settings
from tests.builders import home as made_home
from tests.ops.backup import ninety_days

# Hundreds of decisions are written, packed and opened again for each.
pytestmark = pytest.mark.faults

LARGEST = 10_000_000
EFFORT = 6
END_MS = START_MS + ninety_days.DAYS * Interval.D1.duration_ms


def whole_since(database):
    """Opening of the first bar that is whole, and how many bars before it are."""
    with closing(sqlite3.connect(database)) as connection:
        (first_ms,) = connection.execute(
            "SELECT min(open_time_ms) FROM decisions WHERE features IS NOT NULL"
        ).fetchone()
        (emptied,) = connection.execute(
            "SELECT count(*) FROM decisions WHERE features IS NULL AND votes = '[]'"
        ).fetchone()
    return first_ms, emptied


@pytest.fixture
def day(tmp_path):
    """A home with the decisions of the last day of ninety."""
    home = made_home(tmp_path / "home")
    ninety_days.written(home.database, START_MS, days=1)
    return home


def test_one_that_fits_is_whole(day, tmp_path):
    made = create_backup(day, selection=Selection(largest_bytes=LARGEST))
    assert opened(made, tmp_path / "out").thinned_before_ms is None
    assert whole_since(tmp_path / "out" / DATABASE)[1] == 0


def test_the_oldest_go_without_until_it_fits_and_every_row_stays(day, tmp_path):
    whole = create_backup(day)
    largest = whole.stat().st_size * 2 // 3
    made = create_backup(day, selection=Selection(largest_bytes=largest))
    told = opened(made, tmp_path / "out")
    first_ms, emptied = whole_since(tmp_path / "out" / DATABASE)
    assert 0.9 * largest < made.stat().st_size <= largest
    assert 0 < emptied < told.rows["decisions"] == manifest_of(whole).rows["decisions"]
    assert told.thinned_before_ms is not None
    assert told.thinned_before_ms <= first_ms
    assert "without features and votes" in told.lacking
    assert whole_since(day.database) == (END_MS - Interval.D1.duration_ms, 0), "the journal itself"


def test_whoever_makes_tries_or_restores_it_hears_what_is_not_in_it(day, caplog):
    with caplog.at_level("INFO"):
        made = create_backup(day, selection=Selection(largest_bytes=1_000))
        lacking = manifest_of(made).lacking
        assert f"lacking={lacking}" in caplog.text
        assert lacking in restore_drill(day, made).steps[0].result
        caplog.clear()
        restore_backup(day, made.name)
    assert f"backup restored: home={day.root}" in caplog.text
    assert lacking in caplog.text
    assert lacking in audit_file(day).read_text()


def test_a_time_that_is_none_is_a_damaged_manifest(day):
    told = json.loads(manifest_of(create_backup(day)).to_json())
    assert Manifest.from_json(json.dumps(told)).lacking == ""
    for never in (-1, 10**18, True, "1"):
        with pytest.raises(BackupError, match="damaged"):
            Manifest.from_json(json.dumps({**told, "thinned_before_ms": never}))


def test_what_cannot_be_made_small_enough_is_made_all_the_same(day):
    made = create_backup(day, selection=Selection(largest_bytes=1_000))
    assert manifest_of(made).thinned_before_ms == END_MS - Interval.M15.duration_ms + 1


def test_a_decision_without_details_can_be_read(day):
    assert thin(day.database, LARGEST, EFFORT) is not None
    symbol = ninety_days.SYMBOLS[0]
    reader = JournalReader.open(database_url(day.database))
    found = reader.decisions(symbol, Interval.M15, 0, END_MS)
    assert len(found) == Interval.D1.duration_ms // Interval.M15.duration_ms
    assert {(one.features, one.rules.votes) for one in found} == {(None, ())}
    assert thin(day.database, LARGEST, EFFORT) is None


def test_what_is_left_out_is_nowhere_in_the_file(day, tmp_path):
    with closing(sqlite3.connect(day.database)) as connection:
        oldest, newest = (
            connection.execute(
                f"SELECT features FROM decisions ORDER BY open_time_ms {order} LIMIT 1"
            ).fetchone()[0]
            for order in ("ASC", "DESC")
        )
    largest = create_backup(day).stat().st_size * 2 // 3
    opened(create_backup(day, selection=Selection(largest_bytes=largest)), tmp_path / "out")
    copied = (tmp_path / "out" / DATABASE).read_bytes()
    # Random digits, so that few of them say which decision it is.
    assert oldest[:80].encode() not in copied
    assert newest[:80].encode() in copied
    assert not list((tmp_path / "out").rglob("*.fresh"))


@pytest.mark.parametrize("pieces", [16, 512])
def test_a_guess_is_near_what_packing_makes_of_it(day, pieces):
    packed = len(zlib.compress(day.database.read_bytes(), EFFORT))
    assert packed_guess(day.database, EFFORT, pieces) == pytest.approx(packed, rel=0.15)


def test_a_journal_without_decisions_is_not_thinned(tmp_path):
    path = tmp_path / "trading_signals.db"
    Journal.open(database_url(path)).checkpoint_and_close()
    assert thin(path, LARGEST, EFFORT) is None


@pytest.mark.soak  # half a minute; the days above are what it does, `make bench` measures it too
def test_the_default_configuration_backs_up_ninety_days_in_less_than_ten_megabytes(tmp_path):
    home = made_home(tmp_path / "home")
    ninety_days.written(home.database, START_MS)
    made = create_backup(home, selection=Selection.configured(settings()))
    assert made.stat().st_size < LARGEST
    told = restore_backup(home, made.name).manifest
    with closing(sqlite3.connect(home.database)) as connection:
        (newest,) = connection.execute(
            "SELECT features FROM decisions ORDER BY open_time_ms DESC LIMIT 1"
        ).fetchone()
    assert told.rows["decisions"] == len(ninety_days.SYMBOLS) * ninety_days.BARS
    assert len(json.loads(newest)) > 50
    # What everything takes is told by docs/operations.md.
    assert home.database.stat().st_size > 3 * LARGEST
