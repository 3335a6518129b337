import json
import subprocess
import sys

import psutil
import pytest

from ops.processes import (
    ProcessIdentity,
    Role,
    RunningError,
    end,
    end_all,
    pid_file,
    registered,
    running,
)

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def spawn(tmp_path):
    """Start a process, wait until it is up, and register it as a role by hand."""
    started = []

    def start(command, role):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        identity = ProcessIdentity.of(process.pid)
        pid_file(tmp_path, role).write_text(
            json.dumps({"pid": identity.pid, "started_s": identity.started_s, "port": None})
        )
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_registered_process_is_running_while_the_block_runs(tmp_path):
    with registered(tmp_path, Role.ENGINE, port=8051):
        assert running(tmp_path, Role.ENGINE).port == 8051
    assert running(tmp_path, Role.ENGINE) is None
    assert list(tmp_path.iterdir()) == []


def test_a_second_of_a_kind_is_refused_and_told_the_pid(tmp_path):
    second = registered(tmp_path, Role.ENGINE)
    with (
        registered(tmp_path, Role.ENGINE),
        pytest.raises(RunningError, match=r"already runs \(pid"),
    ):
        second.__enter__()


def test_a_recycled_pid_is_somebody_else(tmp_path):
    me = ProcessIdentity.of(psutil.Process().pid)
    pid_file(tmp_path, Role.ENGINE).write_text(
        json.dumps({"pid": me.pid, "started_s": me.started_s - 60, "port": None})
    )
    assert running(tmp_path, Role.ENGINE) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "started_s": 1}'])
def test_a_torn_pid_file_counts_as_absent(tmp_path, text):
    pid_file(tmp_path, Role.ENGINE).write_text(text)
    assert running(tmp_path, Role.ENGINE) is None


def test_end_terminates_and_forgets(tmp_path, spawn):
    process = spawn(SLEEPER, Role.DASHBOARD)
    ended = end(tmp_path, Role.DASHBOARD)
    assert (ended.pid, ended.by) == (process.pid, "TERM")
    assert not psutil.pid_exists(process.pid)
    assert not pid_file(tmp_path, Role.DASHBOARD).exists()


def test_end_kills_what_ignores_term(tmp_path, spawn):
    process = spawn(STUBBORN, Role.ENGINE)
    assert end(tmp_path, Role.ENGINE, grace_s=0.2).by == "KILL"
    assert not psutil.pid_exists(process.pid)


def test_end_all_ends_the_supervisor_first_and_leaves_nothing(tmp_path, spawn):
    spawn(SLEEPER, Role.ENGINE)
    spawn(SLEEPER, Role.SUPERVISOR)
    (tmp_path / "engine.lock").touch()
    assert [ended.role for ended in end_all(tmp_path)] == [Role.SUPERVISOR, Role.ENGINE]
    assert list(tmp_path.iterdir()) == []


def test_ending_what_does_not_run_is_nothing(tmp_path):
    assert end(tmp_path, Role.ENGINE) is None
