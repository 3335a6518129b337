import json
import os
from dataclasses import asdict

import pytest

from ops.launch import demo_home
from ops.processes import ProcessIdentity, Role, pid_file
from ops.status import duration, level, status_lines
from tests.builders import home as made_home


@pytest.fixture
def home(tmp_path):
    return made_home(tmp_path)


def pretend(home, *roles, port=None):
    """Register this very process as several roles."""
    home.run.mkdir(parents=True, exist_ok=True)
    me = ProcessIdentity.of(os.getpid(), port)
    for role in roles:
        pid_file(home.run, role).write_text(json.dumps(asdict(me)))
    return me


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (61, "1 min"),
        (3 * 3600 + 300, "3 h 05 min"),
        (190_000, "2 d 4 h"),
    ],
)
def test_a_time_is_told_for_people(seconds, told):
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (None, "does not answer"),
        ({"level": "warning", "status": "ok"}, "warning"),
        ({"status": "degraded"}, "degraded"),
        ({"healthy": True}, "ok"),
        ({"healthy": False}, "degraded"),
        ({}, "degraded"),
    ],
)
def test_an_answer_is_a_word(said, word):
    assert level(said) == word


def test_each_process_is_a_line_with_pid_uptime_memory_port_and_health(home):
    me = pretend(home, Role.ENGINE, Role.DASHBOARD, port=8051)
    lines, complete = status_lines(
        home, answers=lambda _: {"status": "ok"}, clock=lambda: me.started_s + 3_900
    )
    assert complete
    assert len(lines) == 2
    for line in lines:
        assert f"pid {os.getpid()}  up 1 h 05 min" in line
        assert " MB  port 8051  ok" in line
        assert str(home.root) in line


def test_what_does_not_run_is_named_with_how_to_start_it(home):
    pretend(home, Role.DASHBOARD)
    lines, complete = status_lines(home, answers=lambda _: None)
    assert not complete
    assert next(line for line in lines if line.startswith("engine")).split()[1] == "stopped"


def test_the_demo_counts_too(home):
    pretend(demo_home(home), Role.ENGINE, Role.DASHBOARD)
    assert status_lines(home)[1]


def test_a_latch_is_told_first(home):
    home.emergency_latch.touch()
    assert status_lines(home)[0][0].startswith("Emergency stop")
