import shutil
import sqlite3
from contextlib import closing

import pytest

from core.config import REPOSITORY
from core.journal.schema_pin import pin_file
from core.journal.tables import REVISION
from ops.doctor.diagnosis import fine, problem, warning
from ops.launch import Installation, LaunchError
from ops.update.last_good import last_good, remember_good
from ops.update.means import Means, examined
from ops.update.update import Update, UpdateError
from tests.builders import home as made_home
from tests.builders import settings
from tests.core.journal.older_schema import written_at

OLD, NEW = "a" * 40, "b" * 40
OLDER_SCHEMA = "0004"


@pytest.fixture(scope="session")
def older_journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("older") / "trading_signals.db"
    written_at(path, OLDER_SCHEMA)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO control VALUES ('kept', 'yes', 1)")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def home(tmp_path, older_journal, monkeypatch):
    made = made_home(tmp_path / "home")
    shutil.copyfile(older_journal, made.database)
    remember_good(made, commit=OLD)
    shutil.copyfile(REPOSITORY / "config.yaml", tmp_path / "config.yaml")
    monkeypatch.setenv("TRADING_CONFIG", str(tmp_path / "config.yaml"))
    return made


class Processes:
    """
    What an update does to processes, noted.

    Each fault is what goes wrong at that step; with ``runs`` something is supervised before.
    """

    def __init__(self, loads="", stop_fault=None, start_fault=None, runs=False, found=()):
        self.done = []
        self.said = []
        self._loads, self._runs, self._found = loads, runs, found
        self._faults = {"stop": stop_fault, "start": start_fault}

    def update(self, home):
        ran = Installation(home, settings()) if self._runs else None
        means = Means(
            lambda: self._loads,
            examined=lambda _: self._found,
            ran=lambda _: ran,
            start=lambda *_: self._do("start"),
            stop=lambda *_: self._do("stop"),
            commit=lambda: NEW,
        )
        return Update(home, self.said.append, means)

    def _do(self, what):
        self.done.append(what)
        fault, self._faults[what] = self._faults[what], None
        if fault is not None:
            raise fault


def schema(home):
    with closing(sqlite3.connect(home.database)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def kept(home):
    with closing(sqlite3.connect(home.database)) as connection:
        return connection.execute("SELECT value FROM control WHERE key = 'kept'").fetchall()


def test_the_journal_is_backed_up_and_migrated_and_the_code_remembered(home):
    processes = Processes()
    processes.update(home).run()
    assert schema(home) == REVISION
    assert kept(home) == [("yes",)]
    assert [line.split()[:2] for line in processes.said] == [
        [step, "ok"]
        for step in (
            "program", "backup", "doctor", "stop", "migrate", "check", "start", "remember",
        )
    ]  # fmt: skip
    assert len(list((home.root / "backups").glob("backup_*"))) == 1
    assert (last_good(home).revision, last_good(home).previous) == (NEW, OLD)
    assert '"update"' in (home.logs / "audit.jsonl").read_text()


def test_what_ran_is_started_again(home):
    processes = Processes(runs=True)
    processes.update(home).run()
    assert processes.done == ["stop", "start"]


def test_a_program_that_does_not_load_stops_nothing(home):
    processes = Processes(loads="it does not load: No module named 'new'")
    with pytest.raises(UpdateError, match=r"No module(.|\n)*Nothing has changed"):
        processes.update(home).run()
    assert processes.done == []
    assert schema(home) == OLDER_SCHEMA
    assert last_good(home).revision == OLD


def test_what_the_doctor_warns_of_is_told_and_no_failure(home):
    processes = Processes(found=[fine("locale", "UTF-8"), warning("disk", "3 GB", "make room")])
    processes.update(home).run()
    told = "\n".join(processes.said)
    assert "warning  disk             3 GB -> make room" in told
    assert "2 checks, warnings: 1" in told
    assert "UTF-8" not in told


def test_a_problem_that_the_doctor_finds_stops_nothing(home):
    processes = Processes(found=[problem("packages", "missing: x 1", "make setup")])
    with pytest.raises(UpdateError, match=r"problems: packages(.|\n)*Nothing has changed"):
        processes.update(home).run()
    assert processes.done == []
    assert any("missing: x 1 -> make setup" in line for line in processes.said)
    assert schema(home) == OLDER_SCHEMA


def test_the_doctor_looks_at_the_home_that_is_updated(home):
    names = {diagnosis.name for diagnosis in examined(home)}
    assert {"python", "packages", "config", "home", "journal", "backup"} <= names
    assert "clock" not in names  # nobody is asked


def test_a_journal_that_was_pinned_stops_nothing(home):
    pin_file(home.database).write_text(f"{OLDER_SCHEMA}\n")
    processes = Processes()
    with pytest.raises(UpdateError, match="db unpin"):
        processes.update(home).run()
    assert processes.done == []


def test_a_damaged_journal_stops_nothing(home):
    home.database.write_bytes(b"SQLite format 3\x00" + bytes(5000))
    processes = Processes()
    with pytest.raises(UpdateError, match="Nothing has changed"):
        processes.update(home).run()
    assert processes.done == []


def test_a_stop_that_fails_names_the_way_back_and_leaves_the_journal(home):
    processes = Processes(stop_fault=OSError("not permitted"))
    with pytest.raises(UpdateError, match=rf"not permitted(.|\n)*git checkout {OLD}"):
        processes.update(home).run()
    assert schema(home) == OLDER_SCHEMA


def test_what_does_not_come_up_is_taken_back_to_the_older_journal(home):
    fault = LaunchError("the engine keeps ending")
    processes = Processes(start_fault=fault, runs=True)
    with pytest.raises(UpdateError, match=rf"keeps ending(.|\n)*{OLDER_SCHEMA} and pinned"):
        processes.update(home).run()
    assert schema(home) == OLDER_SCHEMA
    assert kept(home) == [("yes",)]
    assert pin_file(home.database).exists()
    assert processes.done == ["stop", "start", "stop"]
    assert last_good(home).revision == OLD


def test_a_home_without_a_journal_is_updated_too(tmp_path, home):
    empty = made_home(tmp_path / "empty")
    Processes().update(empty).run()
    assert last_good(empty).revision == NEW
