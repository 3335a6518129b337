"""The supervisor's alarms with real children, ports and a loopback webhook."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from core.config import Home
from core.model.health import Finding, Level
from ops.alarms.process_watch import SILENT_AFTER_S, ProcessWatch
from ops.alarms.supervision import hearing, look, process_watch, supervisor_alarms
from ops.launch import Installation
from ops.processes import Role
from ops.supervisor import Child, ChildNews, News, Supervisor
from tests.builders import settings
from tests.ops.alarms.receiver import receiving

PATIENCE_S = 300.0


def levels(findings: tuple[Finding, ...]) -> dict[str, Level]:
    return {found.component: found.level for found in findings}


def test_a_port_that_answers_anything_is_alive_and_a_closed_one_is_not():
    with receiving() as receiver:
        watch = ProcessWatch({Role.ENGINE: receiver.port})
        assert asyncio.run(look(watch)) == ()
        hearing(watch)(ChildNews(Role.ENGINE, News.STARTED, pid=os.getpid()))
        assert levels(asyncio.run(look(watch)))["engine_silent"] is Level.OK
        assert receiver.paths == ["/health/live"]
    again = ProcessWatch({Role.ENGINE: receiver.port})
    hearing(again)(ChildNews(Role.ENGINE, News.STARTED, pid=os.getpid()))
    assert levels(asyncio.run(look(again)))["engine_silent"] is Level.UNKNOWN


def test_the_ports_are_those_of_the_configuration(tmp_path):
    made = process_watch(Installation(Home(tmp_path), settings(ENGINE_PORT="9001")))
    assert made.ports[Role.ENGINE] == 9001
    assert set(made.ports) == {Role.ENGINE, Role.DASHBOARD}


@pytest.mark.simulator
def test_a_process_that_a_signal_holds_is_named_so():
    child = subprocess.Popen((sys.executable, "-c", "import time; time.sleep(600)"))
    try:
        child.send_signal(signal.SIGSTOP)
        deadline_s = time.monotonic() + PATIENCE_S
        while psutil.Process(child.pid).status() != psutil.STATUS_STOPPED:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        watch = ProcessWatch({Role.ENGINE: 1})
        begun_s = time.monotonic() - SILENT_AFTER_S - 1
        watch.hear(ChildNews(Role.ENGINE, News.STARTED, pid=child.pid), begun_s)
        watch.answered(Role.ENGINE, begun_s)
        found = {one.component: one for one in asyncio.run(look(watch))}["engine_silent"]
        assert found.level is Level.CRITICAL
        assert f"pid {child.pid}, held by a stop signal" in found.reason
    finally:
        child.kill()
        child.wait()


@pytest.mark.simulator
def test_a_child_that_keeps_crashing_is_told_outside_and_a_stop_is_not(tmp_path):
    with receiving() as receiver:
        home = Home(tmp_path)
        made = Installation(home, settings(ALARM_URLS=f"json://127.0.0.1:{receiver.port}"))
        watch = ProcessWatch({})
        code = (sys.executable, "-c", "raise SystemExit(1)")
        sound = (sys.executable, "-c", "import time; time.sleep(600)")
        supervisor = Supervisor(
            [
                Child(Role.ENGINE, code, dict(os.environ), tmp_path / "out"),
                Child(Role.DASHBOARD, sound, dict(os.environ), tmp_path / "out"),
            ],
            heard=hearing(watch),
        )

        async def run():
            async with supervisor_alarms(made, watch):
                running = asyncio.ensure_future(supervisor.run())
                while not any("[CRITICAL]" in told["title"] for told in receiver.posted):
                    await asyncio.to_thread(receiver.wait)
                supervisor.stop()
                await running

        asyncio.run(run())
    titles = [told["title"] for told in receiver.posted]
    assert all("engine_process" in title for title in titles)
    assert "times in a row" in receiver.posted[-1]["message"]
    assert f"Installation: {tmp_path}" in receiver.posted[-1]["message"]
