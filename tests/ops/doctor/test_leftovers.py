import json

import pytest

from core.config import HealthSettings, Home
from ops.backup.create import create_backup
from ops.doctor.diagnosis import Verdict
from ops.doctor.leftovers import backup_check, latch_check, pid_check, restore_check
from ops.launch import demo_home
from ops.processes import Role, pid_file, registered

MADE_S = 1_750_000_000.0
LIMITS = HealthSettings()


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def test_a_pid_file_of_a_process_that_is_gone_is_told(home):
    assert pid_check(home).words == "nothing runs"
    gone = {"pid": 2**22 - 3, "started_s": 1.0, "port": 8051}
    pid_file(home.run, Role.ENGINE).write_text(json.dumps(gone))
    pid_file(home.run, Role.SUPERVISOR).write_text("torn {")
    found = pid_check(home)
    assert found.verdict is Verdict.WARNING
    assert found.words.endswith("supervisor, engine")
    assert pid_file(home.run, Role.ENGINE).exists()


def test_a_process_that_runs_is_told(home):
    with registered(home.run, Role.DASHBOARD):
        assert pid_check(home).words.startswith("running: dashboard (pid ")


def test_a_demo_that_runs_is_told_as_such(home):
    with registered(demo_home(home).run, Role.DASHBOARD):
        assert pid_check(home).words.startswith("running: the demo's dashboard (pid ")


def test_a_latch_and_a_restore_cut_off_are_told(home):
    assert latch_check(home).verdict is restore_check(home).verdict is Verdict.OK
    home.emergency_latch.write_text("it burns")
    (home.root / "data" / ".restore").mkdir()
    assert "it burns" in latch_check(home).words
    assert latch_check(home).verdict is restore_check(home).verdict is Verdict.WARNING


def test_a_home_that_was_never_used_has_no_latch(tmp_path):
    assert latch_check(Home(tmp_path / "not yet")).verdict is Verdict.OK


def test_a_journal_without_a_backup_is_told(home):
    assert backup_check(home, LIMITS, MADE_S).verdict is Verdict.OK
    home.database.touch()
    found = backup_check(home, LIMITS, MADE_S)
    assert (found.verdict, found.advice) == (Verdict.WARNING, "make backup")


def test_the_newest_backup_is_opened(home):
    made = create_backup(home, clock=lambda: MADE_S)
    there = sorted(home.root.rglob("*"))
    assert backup_check(home, LIMITS, MADE_S + 3_600).verdict is Verdict.OK
    old = backup_check(home, LIMITS, MADE_S + 40 * 3_600)
    assert old.verdict is Verdict.WARNING
    assert "1 day, 16:00:00 old" in old.words
    assert sorted(home.root.rglob("*")) == there
    raw = made.read_bytes()
    made.write_bytes(raw[: len(raw) // 2])
    assert backup_check(home, LIMITS, MADE_S).verdict is Verdict.PROBLEM


def test_a_backup_of_before_there_was_a_journal_does_not_count(home):
    create_backup(home, clock=lambda: MADE_S)
    home.database.touch()
    found = backup_check(home, LIMITS, MADE_S + 60)
    assert (found.verdict, found.advice) == (Verdict.WARNING, "make backup")
