import asyncio
import sys

import psutil
import pytest

from core.config import Home, ScheduleSettings
from ops.schedule.due import FIRST_RETRY_S, Chore, ChoreRecord
from ops.schedule.record import record
from ops.schedule.scheduler import LOOK_EVERY_S, SETTLED_AFTER_S, Scheduler, maintained

NOON_S = 1_800_000_000.0
DONE = {chore: ChoreRecord(succeeded_s=NOON_S + 60) for chore in Chore}


class Machine:
    """A machine whose time passes only while somebody sleeps, and which may itself sleep."""

    def __init__(self, home, *, status=0, schedule=None):
        self.home = home
        self.now_s, self.monotonic_s = NOON_S, 0.0
        self.status = status
        self.worked_at_s = []
        self.asleep_s = {}
        self.scheduler = Scheduler(
            home,
            schedule or ScheduleSettings(),
            work=self.work,
            clock=lambda: self.now_s,
            monotonic=lambda: self.monotonic_s,
            sleep=self.sleep,
            spread=lambda: 0.0,
        )

    async def work(self, home):
        self.worked_at_s.append(self.monotonic_s)
        if self.status == 0:
            record(home, {chore: ChoreRecord(succeeded_s=self.now_s) for chore in Chore})
        return self.status

    async def sleep(self, seconds):
        if self.monotonic_s >= self.ends_s:
            raise asyncio.CancelledError
        self.monotonic_s += seconds
        self.now_s += seconds + self.asleep_s.pop(self.monotonic_s, 0.0)
        await asyncio.sleep(0)

    def live(self, seconds):
        self.ends_s = seconds
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(self.scheduler.run())
        return self.worked_at_s


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def test_what_was_missed_while_nothing_ran_is_made_up_for_once_and_not_at_once(home):
    assert Machine(home).live(1200) == [SETTLED_AFTER_S]


def test_what_is_done_is_left_alone(home):
    record(home, DONE)
    assert Machine(home).live(1200) == []


def test_after_sleep_what_was_missed_comes_once_the_feed_is_back(home):
    record(home, DONE)
    machine = Machine(home)
    machine.asleep_s[600.0] = 9 * 86_400.0
    assert machine.live(3000) == [600.0 + SETTLED_AFTER_S]


def test_a_failure_is_tried_again_after_a_while(home):
    worked = Machine(home, status=1).live(SETTLED_AFTER_S + 2 * FIRST_RETRY_S)
    assert worked == [SETTLED_AFTER_S, SETTLED_AFTER_S + FIRST_RETRY_S,
                      SETTLED_AFTER_S + 2 * FIRST_RETRY_S]  # fmt: skip


def test_a_clock_that_is_set_back_keeps_nothing_waiting(home):
    machine = Machine(home)
    machine.asleep_s[LOOK_EVERY_S] = -86_400.0 * 400
    assert len(machine.live(1200)) == 1


def test_a_schedule_that_is_off_does_nothing(home):
    schedule = ScheduleSettings(enabled=False)
    asyncio.run(Machine(home, schedule=schedule).scheduler.run())


def ended_child(home, code):
    """Begin a child and cancel its waiter once it has said its PID; returns that PID."""
    console = home.logs / "console.log"
    command = (sys.executable, "-c", f"import os; print(os.getpid(), flush=True)\n{code}")

    async def run():
        task = asyncio.ensure_future(maintained(home, command=command))
        async with asyncio.timeout(60):
            while not (console.exists() and console.read_text().endswith("\n")):
                await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    return int(console.read_text())


WAIT = "import time; time.sleep(600)"


@pytest.mark.simulator
@pytest.mark.parametrize(
    "code", [WAIT, f"import signal; signal.signal(15, signal.SIG_IGN); {WAIT}"]
)
def test_the_child_is_ended_with_the_engine(home, code):
    assert not psutil.pid_exists(ended_child(home, code))


@pytest.mark.simulator
def test_a_child_that_hangs_is_ended(home):
    command = (sys.executable, "-c", WAIT)
    assert asyncio.run(maintained(home, command=command, longest_s=0.2)) == 1
    assert not [child for child in psutil.Process().children() if WAIT in child.cmdline()]


@pytest.mark.simulator
def test_a_child_that_cannot_be_started_is_a_failure_and_not_the_end(home):
    assert asyncio.run(maintained(home, command=("/nonexistent",))) == 1
