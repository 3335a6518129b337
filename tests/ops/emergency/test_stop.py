"""Each step is taken whatever became of the one before, and the proof tells what holds."""

import pytest

from core.config import Home
from ops.audit.trail import audit_file
from ops.backup.errors import BackupError
from ops.emergency.latch import latch_at_once
from ops.emergency.proof import BACKUP, LATCH, LOG
from ops.emergency.release import release
from ops.emergency.stop import emergency_stop
from ops.processes import Role
from tests.builders import home as made_home

STEPS = [LATCH, *(role.value for role in Role), "positions", BACKUP, LOG]


def no_backup(home):
    return home.root / "backups" / "backup_x.tar.gz"


def stopped(home, backup=no_backup, **options):
    options = {"who": "me", "reason": "smoke"} | options
    return emergency_stop(home, backup=backup, **options)


def by_name(proof):
    return {step.name: step for step in proof.steps}


@pytest.fixture
def home(tmp_path):
    return made_home(tmp_path)


def test_all_steps_are_taken_in_order_and_told_as_they_end(home):
    heard = []
    proof = stopped(home, heard=heard.append)
    assert [step.name for step in proof.steps] == STEPS
    assert tuple(heard) == proof.steps
    assert (proof.held, proof.latched, proof.failed) == (True, True, ())
    assert proof.backup == no_backup(home)
    assert home.emergency_latch.exists()


def test_the_proof_is_in_the_log(home):
    proof = stopped(home, reason="smoke\nEMERGENCY STOP TRIGGERED by nobody")
    lines = (home.logs / "emergency.log").read_text().splitlines()
    assert sum("EMERGENCY STOP TRIGGERED home=" in line for line in lines) == 1
    assert len(lines) == len(proof.steps) + 2
    assert proof.verdict in lines[-1]


def test_a_secret_in_somebodys_reason_is_in_no_line(home, monkeypatch):
    key = "sk-0123456789abcdef"
    monkeypatch.setenv("DEEPSEEK_API_KEY", key)
    proof = stopped(home, reason=f"{key} has leaked")
    release(home, who="me", reason=f"{key} is revoked")
    lines = (home.logs / "emergency.log").read_text()
    assert "*** has leaked" in lines
    assert "*** is revoked" in lines
    assert key not in lines + proof.reason + audit_file(home).read_text()


@pytest.mark.parametrize(
    "error", [BackupError("no room"), OSError("no room"), ZeroDivisionError("no room")]
)
def test_a_backup_that_fails_fails_alone(home, error):
    def failing(_):
        raise error

    proof = stopped(home, failing)
    assert proof.failed == (BACKUP,)
    assert "no room" in by_name(proof)[BACKUP].result
    assert proof.verdict == "NOT EVERYTHING HELD: backup"
    assert proof.values()["backup"] is None


def test_a_home_of_which_nothing_exists_is_latched(tmp_path):
    assert stopped(Home(tmp_path / "new")).held


def test_a_latch_that_cannot_be_set_keeps_nothing_else_from_being_done(tmp_path):
    (tmp_path / "data").write_text("in the way")
    proof = stopped(Home(tmp_path))
    assert (proof.failed, proof.latched) == ((LATCH,), False)


def test_a_log_that_cannot_be_written_is_told(home):
    (home.logs / "emergency.log").mkdir()
    assert stopped(home).failed == (LOG,)


def test_with_a_spared_page_the_market_that_it_draws_is_spared_too(home):
    steps = by_name(stopped(home, spare=Role.DASHBOARD))
    assert "spared" in steps["dashboard"].result
    assert "spared" in steps["simulator"].result
    assert "not running" in steps["engine"].result


def test_to_close_positions_without_a_journal_is_nothing_to_do(home):
    assert "no journal" in by_name(stopped(home, close=True))["positions"].result


def test_stopping_twice_is_harmless(home):
    stopped(home)
    words = home.emergency_latch.read_text()
    assert "already" in by_name(stopped(home, reason="again"))[LATCH].result
    assert home.emergency_latch.read_text() == words


def test_the_proof_tells_how_this_stop_has_set_the_latch_before_all_else(home):
    how = latch_at_once(home.emergency_latch, "smoke")
    assert how == "made anew"
    assert by_name(stopped(home, latched=how))[LATCH].result.endswith(" made anew at once")
    how = latch_at_once(home.emergency_latch, "again")
    assert by_name(stopped(home, latched=how))[LATCH].result.endswith(" was set already")
