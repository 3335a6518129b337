import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict

import psutil
import pytest

from ops.processes import (
    ProcessIdentity,
    Role,
    RunningError,
    end,
    end_all,
    end_process,
    pid_file,
    registered,
    running,
)

# Processes are started.
pytestmark = pytest.mark.simulator

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(600)",
]


@pytest.fixture
def run(tmp_path):
    """The directory of PID files of a home, as deep in it as the product has it."""
    path = tmp_path / "data" / "run"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def spawn(run):
    """Start a process, wait until it is up, and register it as a role by hand."""
    started = []

    def start(command, role):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        identity = ProcessIdentity.of(process.pid)
        pid_file(run, role).write_text(
            json.dumps({"pid": identity.pid, "started_s": identity.started_s, "port": None})
        )
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_registered_process_is_running_while_the_block_runs(run):
    with registered(run, Role.ENGINE, port=8051):
        assert running(run, Role.ENGINE).port == 8051
    assert running(run, Role.ENGINE) is None
    assert list(run.iterdir()) == []


def test_a_second_of_a_kind_is_refused_and_told_the_pid(run):
    second = registered(run, Role.ENGINE)
    with (
        registered(run, Role.ENGINE),
        pytest.raises(RunningError, match=r"already runs \(pid"),
    ):
        second.__enter__()


def test_a_recycled_pid_is_somebody_else(run):
    me = ProcessIdentity.of(psutil.Process().pid)
    pid_file(run, Role.ENGINE).write_text(
        json.dumps({"pid": me.pid, "started_s": me.started_s - 60, "port": None})
    )
    assert running(run, Role.ENGINE) is None


def test_a_clock_that_is_set_makes_nobody_somebody_else(run):
    me = ProcessIdentity.of(psutil.Process().pid)
    if not me.since_boot:
        pytest.skip("this system does not tell how long after its boot a process started")
    entry = asdict(me) | {"started_s": me.started_s - 3600}
    pid_file(run, Role.ENGINE).write_text(json.dumps(entry))
    assert running(run, Role.ENGINE).pid == me.pid
    entry["since_boot"] = "another boot:" + me.since_boot.partition(":")[2]
    entry["started_s"] = me.started_s
    pid_file(run, Role.ENGINE).write_text(json.dumps(entry))
    assert running(run, Role.ENGINE) is None


def test_who_deletes_the_lock_of_an_engine_can_start_no_second_one(run):
    with registered(run, Role.ENGINE):
        (run / "engine.lock").unlink()
        with pytest.raises(RunningError, match=r"already runs \(pid"), registered(run, Role.ENGINE):
            pass
        assert running(run, Role.ENGINE) is not None
    with registered(run, Role.ENGINE):  # its end lets go of everything
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"pid": 1}',
        '{"pid": "x", "started_s": 1}',
        '{"pid": -1, "started_s": 1, "port": 1}',
        '{"pid": 1e400, "started_s": 1, "port": 1}',
        '{"pid": 99999999999999999999, "started_s": 1, "port": 1}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_torn_pid_file_counts_as_absent(run, text):
    pid_file(run, Role.ENGINE).write_text(text)
    assert running(run, Role.ENGINE) is None


def test_end_terminates_and_forgets(run, spawn):
    process = spawn(SLEEPER, Role.DASHBOARD)
    ended = end(run, Role.DASHBOARD)
    assert (ended.pid, ended.by) == (process.pid, "TERM")
    assert not psutil.pid_exists(process.pid)
    assert not pid_file(run, Role.DASHBOARD).exists()


def test_end_kills_what_ignores_term(run, spawn):
    process = spawn(STUBBORN, Role.ENGINE)
    assert end(run, Role.ENGINE, grace_s=0.2).by == "KILL"
    assert not psutil.pid_exists(process.pid)


def test_end_all_ends_the_supervisor_first_and_leaves_nothing(run, spawn):
    spawn(SLEEPER, Role.ENGINE)
    spawn(SLEEPER, Role.SUPERVISOR)
    (run / "engine.lock").touch()
    assert [ended.role for ended in end_all(run)] == [Role.SUPERVISOR, Role.ENGINE]
    assert list(run.iterdir()) == []


def test_what_cannot_be_tidied_up_keeps_nobody_from_being_ended(run, spawn):
    engine = spawn(SLEEPER, Role.ENGINE)
    for role in (Role.SUPERVISOR, Role.DASHBOARD):
        (pid_file(run, role) / "in the way").mkdir(parents=True)  # as on a read-only disk
    (run / "engine.lock").mkdir()
    assert [process.pid for process in end_all(run)] == [engine.pid]


def test_end_all_leaves_a_home_within_this_home_alone(run):
    inner = run.parent / "inner" / "data" / "run"
    with registered(inner, Role.ENGINE):
        assert end_all(run) == ()
        with pytest.raises(RunningError), registered(inner, Role.ENGINE):
            pass


def test_ending_what_does_not_run_is_nothing(run):
    assert end(run, Role.ENGINE) is None


def test_a_home_that_was_copied_while_it_ran_knows_no_process_of_the_other(tmp_path):
    theirs, copied = tmp_path / "theirs", tmp_path / "copied"
    (theirs / "data" / "run").mkdir(parents=True)
    script = tmp_path / "main.py"
    script.write_text("import time\nprint('up', flush=True)\ntime.sleep(300)\n")
    child = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "TRADING_HOME": str(theirs)},
        stdout=subprocess.PIPE,
    )
    try:
        child.stdout.readline()  # its command line can be read from then on
        identity = ProcessIdentity.of(child.pid)
        pid_file(theirs / "data" / "run", Role.ENGINE).write_text(json.dumps(asdict(identity)))
        shutil.copytree(theirs, copied)
        assert running(theirs / "data" / "run", Role.ENGINE) == identity
        assert running(copied / "data" / "run", Role.ENGINE) is None
        assert end_all(copied / "data" / "run") == ()
        assert child.poll() is None
        # One that was moved is still its own: nobody else names the process.
        moved = theirs.rename(tmp_path / "moved")
        assert running(moved / "data" / "run", Role.ENGINE) == identity
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


class Unyielding:
    """A process that cannot be ended, in the way it is told."""

    pid = 4711

    def __init__(self, fault):
        self._fault = fault

    def send_signal(self, _):
        if isinstance(self._fault, psutil.AccessDenied):
            raise self._fault

    def kill(self):
        pass

    def wait(self, _):
        raise self._fault


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (psutil.AccessDenied(4711), "another account"),
        (psutil.TimeoutExpired(1), "waits for a disk"),
    ],
)
def test_what_cannot_be_ended_is_one_line_that_names_it(fault, words):
    with pytest.raises(RunningError, match=rf"engine \(pid 4711\).*{words}"):
        end_process(Role.ENGINE, Unyielding(fault), 0.0)
