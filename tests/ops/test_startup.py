import itertools
import subprocess
import sys

import pytest

from ops.launch import Installation, LaunchError
from ops.startup import READY_WITHIN_S, STARTS_TOLERATED, Startup, tail
from tests.builders import home as made_home
from tests.builders import settings


class Supervisor:
    """One that runs, or has ended with a status."""

    pid = 2**22 + 1  # more than Linux gives

    def __init__(self, status=None):
        self._status = status

    def poll(self):
        return self._status


@pytest.fixture
def installation(tmp_path):
    return Installation(made_home(tmp_path), settings())


class Clock:
    """Each look takes a second."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        self.now_s += READY_WITHIN_S / 3
        return self.now_s


def startup(installation, *ports, supervisor=None, **means):
    return Startup(
        installation,
        supervisor or Supervisor(),
        answers=lambda port: {} if port in ports else None,
        clock=Clock(),
        rest=lambda _: None,
        **means,
    )


def test_it_waits_until_page_and_engine_answer(installation):
    told = installation.settings
    said = []
    assert startup(installation, told.dashboard.port, told.engine.port).wait(said.append)
    assert said == []


def test_an_engine_that_is_slow_is_said_and_no_failure(installation):
    said = []
    assert not startup(installation, installation.settings.dashboard.port).wait(said.append)
    assert "system.log" in said[0]


def test_a_latched_engine_is_not_waited_for(installation):
    installation.home.emergency_latch.touch()
    said = []
    assert not startup(installation, installation.settings.dashboard.port).wait(said.append)
    assert said == []


def test_a_page_that_does_not_answer_is_a_failure_with_what_was_printed(installation):
    console = installation.home.logs / "console.log"
    console.write_text("of an earlier start\nno module named x\n")
    waiting = startup(installation, console_bytes=len("of an earlier start\n"))
    with pytest.raises(LaunchError, match=r"(?s)did not answer.*\| no module.*make stop") as failed:
        waiting.wait(print)
    assert "earlier" not in str(failed.value)


def test_a_supervisor_that_ends_is_a_failure_at_once(installation):
    with pytest.raises(LaunchError, match="status 4"):
        startup(installation, supervisor=Supervisor(4)).wait(print)


PARENT = f"""
import subprocess, sys, time
children = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "trade"])
            for _ in range({STARTS_TOLERATED + 1})]
print("up", flush=True)
sys.stdin.read()
for child in children:
    child.kill()
"""


@pytest.mark.simulator
def test_a_role_that_keeps_ending_is_not_waited_for(installation):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        parent.stdout.readline()
        with pytest.raises(LaunchError, match="engine keeps ending"):
            startup(installation, supervisor=parent).wait(print)
        parent.stdin.close()


ENDED = """
import subprocess, sys
engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "trade"])
print("up", flush=True)
sys.stdin.readline()
engine.kill()
engine.wait()
print("ended", flush=True)
sys.stdin.read()
"""


@pytest.mark.simulator
@pytest.mark.parametrize("latched", [False, True])
def test_an_engine_that_ended_and_is_left_alone_is_a_failure_unless_it_is_latched(
    installation, latched
):
    console = installation.home.logs / "console.log"
    if latched:
        installation.home.emergency_latch.touch()
    with subprocess.Popen(
        [sys.executable, "-c", ENDED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        parent.stdout.readline()
        looks = []

        def rest(_):
            looks.append(1)
            if len(looks) == 1:
                console.write_text("journal.db: damaged: make restore BACKUP=x\n")
                parent.stdin.write("\n")
                parent.stdin.flush()
                parent.stdout.readline()

        waiting = Startup(
            installation,
            parent,
            answers=lambda port: {} if looks[7:] and port != 0 else None,
            clock=itertools.count(0.0, 2.0).__next__,
            rest=rest,
        )
        if latched:
            assert waiting.wait(print)
        else:
            with pytest.raises(LaunchError, match=r"(?s)not started again.*BACKUP=x.*page goes on"):
                waiting.wait(print)
        parent.stdin.close()


def test_a_tail_is_of_what_was_written_since(tmp_path):
    log = tmp_path / "log"
    assert tail(log) == []
    log.write_text("".join(f"{n}\n\n" for n in range(100)))
    assert tail(log, lines=2) == ["98", "99"]
    size = log.stat().st_size
    assert tail(log, size) == []
    log.write_text("anew\n")  # rotated meanwhile
    assert tail(log, size) == ["anew"]
