import asyncio
import logging
import os
import sys
from pathlib import Path

import pytest

from ops.processes import Role
from ops.supervisor import CRASHES_TOLERATED, Child, CrashRecord, News, Supervisor


def child(tmp_path: Path, code: str) -> Child:
    """A child that notes each start in a file, then runs ``code``."""
    starts = tmp_path / "starts"
    note = f"open({str(starts)!r}, 'a').write('x')\n"
    return Child(
        Role.ENGINE, (sys.executable, "-c", note + code), dict(os.environ), tmp_path / "output"
    )


def starts(tmp_path: Path) -> int:
    path = tmp_path / "starts"
    return len(path.read_text()) if path.exists() else 0


async def until(condition, deadline_s=300.0):
    async with asyncio.timeout(deadline_s):
        while not condition():
            await asyncio.sleep(0.01)


def supervise(tmp_path, code, script):
    """Run a supervisor over one child while ``script(supervisor)`` acts on it."""

    async def run():
        supervisor = Supervisor([child(tmp_path, code)])
        running = asyncio.ensure_future(supervisor.run())
        try:
            await script(supervisor)
        finally:
            supervisor.stop()
            await running

    asyncio.run(run())


@pytest.mark.simulator
def test_a_crash_is_restarted(tmp_path):
    async def script(_):
        await until(lambda: starts(tmp_path) >= 2)

    supervise(tmp_path, "raise SystemExit(1)", script)


@pytest.mark.simulator
def test_a_killed_child_is_restarted(tmp_path):
    async def script(_):
        await until(lambda: starts(tmp_path) >= 2)

    supervise(tmp_path, "import os; os.kill(os.getpid(), 9)", script)


@pytest.mark.simulator
def test_a_deliberate_end_is_not_restarted_until_revived(tmp_path, caplog):
    async def script(supervisor):
        await until(lambda: caplog.text.count("not restarted") >= 1)
        assert starts(tmp_path) == 1
        supervisor.revive()
        await until(lambda: caplog.text.count("not restarted") >= 2)

    with caplog.at_level(logging.INFO, "ops.supervisor"):
        supervise(tmp_path, "raise SystemExit(3)", script)
    assert starts(tmp_path) == 2


@pytest.mark.simulator
def test_stop_ends_a_running_child(tmp_path):
    async def script(_):
        await until(lambda: starts(tmp_path) >= 1)

    supervise(tmp_path, "import time; time.sleep(600)", script)


@pytest.mark.simulator
def test_who_listens_is_told_of_starts_crashes_and_deliberate_ends(tmp_path):
    heard = []
    code = f"raise SystemExit(1 if len(open({str(tmp_path / 'starts')!r}).read()) == 1 else 0)"

    async def run():
        supervisor = Supervisor([child(tmp_path, code)], heard=heard.append)
        running = asyncio.ensure_future(supervisor.run())
        await until(lambda: len(heard) >= 4)
        supervisor.stop()
        await running

    asyncio.run(run())
    kinds = [News.STARTED, News.CRASHED, News.STARTED, News.ENDED]
    assert [news.kind for news in heard] == kinds
    assert heard[0].pid
    assert (heard[1].status, heard[1].crashes) == (1, 1)
    assert heard[3].status == 0


def test_waits_grow_and_a_crash_loop_is_given_up():
    record = CrashRecord()
    delays = [record.delay_s(now_s=float(i)) for i in range(CRASHES_TOLERATED + 1)]
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] is None


def test_old_crashes_are_forgiven():
    record = CrashRecord()
    for i in range(20):
        assert record.delay_s(now_s=i * 1000.0) == 0.5


@pytest.mark.simulator
def test_a_child_that_cannot_be_started_is_tried_again_and_spares_the_others(tmp_path):
    sound = child(tmp_path, "import time; time.sleep(600)")
    unwritable = tmp_path / "logs" / "output"
    unwritable.parent.write_text("a file where the directory should be")
    broken = Child(Role.DASHBOARD, sound.command, sound.environment, unwritable)

    async def run():
        supervisor = Supervisor([sound, broken])
        running = asyncio.ensure_future(supervisor.run())
        try:
            await until(lambda: starts(tmp_path) >= 1)
            unwritable.parent.unlink()
            await until(lambda: starts(tmp_path) >= 2)
            assert not running.done()
        finally:
            supervisor.stop()
            await running

    asyncio.run(run())


class GoneProcess:
    """One that ends in the very moment it is asked to."""

    def terminate(self):
        raise ProcessLookupError

    async def wait(self):
        return 0


def test_a_child_that_has_just_ended_is_no_trouble_to_end(tmp_path):
    supervisor = Supervisor([child(tmp_path, "")])
    asyncio.run(supervisor._end(Role.ENGINE, GoneProcess()))
