"""A backup is whole, sound, nobody else's name, and holds no key."""

import os
import sqlite3
import tarfile
from contextlib import closing

import pytest

from ops.backup.checking import opened
from ops.backup.contents import DATABASE
from ops.backup.create import create_backup
from ops.backup.errors import BackupError, DamagedError
from ops.backup.places import backup_dir, backup_named, backups, name_at
from ops.backup.snapshot import copy_database
from tests.ops.backup.conftest import NOW_S


def made(home, **options):
    return create_backup(home, clock=lambda: NOW_S, **options)


def control_of(database):
    with closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT key, value FROM control").fetchall())


def test_it_is_named_by_its_time_in_utc_and_only_its_owner_may_read_it(home):
    path = made(home)
    assert path == home.root / "backups" / "backup_20260921_141320.tar.gz"
    assert path.stat().st_mode & 0o077 == 0


def test_it_holds_journal_configuration_reports_and_a_manifest_that_comes_first(home):
    with tarfile.open(made(home)) as tar:
        names = tar.getnames()
    folder = "backup_20260921_141320"
    assert names[0] == f"{folder}/manifest.json"
    assert set(names[1:]) == {
        f"{folder}/config/config.yaml",
        f"{folder}/data/trading_signals.db",
        f"{folder}/prompts/chat.txt",
        f"{folder}/prompts/decision.txt",
        f"{folder}/reports/daily_2026-09-20.json",
    }


def test_its_manifest_tells_schema_and_rows(home, tmp_path):
    manifest = opened(made(home), tmp_path / "out")
    assert manifest.rows["control"] == 1
    assert manifest.schema is not None
    assert control_of(tmp_path / "out" / DATABASE) == {"kept": "before"}


def test_what_is_not_checkpointed_yet_is_in_it(home, tmp_path):
    with closing(sqlite3.connect(home.database)) as engine:
        engine.execute("PRAGMA journal_mode = WAL")
        engine.execute("INSERT INTO control VALUES ('in the wal', 'x', 1)")
        engine.commit()
        engine.execute("BEGIN IMMEDIATE")
        engine.execute("INSERT INTO control VALUES ('not committed', 'x', 1)")
        opened(made(home), tmp_path / "out")
    assert control_of(tmp_path / "out" / DATABASE).keys() == {"kept", "in the wal"}


def test_a_second_backup_of_the_same_second_takes_another_name(home):
    first = made(home)
    content = first.read_bytes()
    assert made(home) != first
    assert made(home, compress=False).name == name_at(NOW_S + 2)
    assert first.read_bytes() == content


def test_a_folder_has_the_same_tree_with_the_configuration_in_it(home, tmp_path):
    folder = made(home, compress=False)
    assert (folder / "config" / "config.yaml").is_file()
    assert opened(folder, tmp_path / "out").rows["control"] == 1


def test_what_was_deleted_from_the_journal_is_nowhere_in_it(home):
    with closing(sqlite3.connect(home.database)) as engine:
        engine.execute("PRAGMA secure_delete = OFF")
        engine.execute("INSERT INTO control VALUES ('large', ?, 1)", ("gone" * 10_000,))
        engine.execute("INSERT INTO control VALUES ('small', 'stays', 1)")
        engine.commit()
        engine.execute("DELETE FROM control WHERE key = 'large'")
        engine.commit()
    assert b"gone" in home.database.read_bytes()
    copied = (made(home, compress=False) / DATABASE).read_bytes()
    assert b"gone" not in copied
    assert b"stays" in copied
    assert b"gone" in home.database.read_bytes(), "the journal itself"


def test_a_home_without_a_journal_is_backed_up_too(home, tmp_path):
    home.database.unlink()
    assert opened(made(home), tmp_path / "out").schema is None


@pytest.mark.parametrize("damage", [b"not a database", b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_damaged_journal_makes_no_backup_and_leaves_nothing(home, damage):
    home.database.write_bytes(damage)
    with pytest.raises(DamagedError):
        made(home)
    assert list(backup_dir(home).iterdir()) == []


def test_a_locked_journal_is_not_waited_for_for_ever(home, tmp_path):
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match="locked by another program"):
            copy_database(home.database, tmp_path / "copy.db", patience_s=0.05)


def test_no_key_is_in_it(home, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-from-the-environment")
    (tmp_path / ".env").write_text("DEEPSEEK_API_KEY=sk-beside-it\nDASHBOARD_PASSWORD=letmein99\n")
    config = tmp_path / "config.yaml"
    text = config.read_text().replace("deepseek:\n", "deepseek:\n  api_key: sk-in-the-file\n")
    config.write_text(text + "# sk-from-the-environment sk-beside-it letmein99\n")
    folder = made(home, compress=False)
    copied = (folder / "config" / "config.yaml").read_text()
    assert "sk-" not in copied
    assert "letmein99" not in copied
    assert copied.splitlines()[0] == text.splitlines()[0]
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert not any(word in everything for word in (b"sk-from", b"sk-beside", b"letmein99"))
    assert not list(folder.rglob("*env*"))


def test_links_among_the_reports_are_not_followed(home, tmp_path):
    (tmp_path / "secret").write_text("x")
    (home.reports / "link").symlink_to(tmp_path / "secret")
    assert not (made(home, compress=False) / "reports" / "link").exists()


def test_what_was_packed_of_an_incident_is_not_in_it(home):
    (home.reports / "incidents").mkdir()
    (home.reports / "incidents" / "incident_20261121_120000.tar.gz").write_bytes(b"x")
    assert not (made(home, compress=False) / "reports" / "incidents").exists()


def test_where_nothing_can_be_written_it_says_so(home):
    os.rmdir(backup_dir(home))
    backup_dir(home).write_text("")
    with pytest.raises(BackupError, match="no backup can be made there"):
        made(home)


def test_backups_are_found_newest_first_in_both_forms(home):
    older, newer = made(home), made(home, compress=False)
    (backup_dir(home) / "backup_notes.txt").touch()
    assert backups(home) == [newer, older]
    assert backup_named(home, "latest") == newer
    assert backup_named(home, older.name) == backup_named(home, older.name[:-7]) == older


@pytest.mark.parametrize(
    "name", ["backup_20200101_000000", "../backup_x", "", "x", "/etc/passwd", "backup_a/../b"]
)
def test_a_bad_name_is_one_line(home, name):
    with pytest.raises(BackupError) as refused:
        backup_named(home, name)
    assert "\n" not in str(refused.value)
