"""A desk with real files, a fake target and a clock of the test."""

import asyncio
import logging

import pytest

from core.config import Home
from core.model.health import Finding, Level
from ops.alarms import opening
from ops.alarms.desk import CLOSING_S, AlarmDesk, moment
from ops.alarms.opening import Watcher
from ops.alarms.order_file import OrderFile
from ops.alarms.outward import DEMO_SILENT, NO_TARGET, Outward
from ops.alarms.policy import Moment, Policy
from ops.alarms.reading import overview
from ops.alarms.state_file import read_state, state_path
from ops.alarms.writing import Writer
from ops.launch import Installation
from tests.builders import settings

CRITICAL, WARNING, OK = Level.CRITICAL, Level.WARNING, Level.OK
MINUTE_MS = 60_000


class Told(Outward):
    """Who keeps what is told."""

    def __init__(self):
        super().__init__(silent="")
        self.titles = []

    def tell(self, message):
        self.titles.append(message.title)

    def close(self, timeout_s):
        self.waited_s = timeout_s


class Scene:
    def __init__(self, folder):
        self.home, self.now_ms = Home(folder), 1_000_000
        self.path = state_path(self.home, "engine")
        self.orders = OrderFile(self.home, lambda: self.now_ms)
        self.begin()

    def begin(self):
        """A process that has just started."""
        self.told = Told()
        self.desk = AlarmDesk(
            self.path,
            self.orders,
            outward=self.told,
            writer=Writer("/home", "desk", hide=lambda text: text.replace("sk-1", "***")),
            policy=Policy(repeat_ms=10 * MINUTE_MS),
            now=lambda: Moment(self.now_ms, 0),
        )

    def see(self, level, reason="silent", minutes=0):
        self.now_ms += minutes * MINUTE_MS
        self.desk.hear([Finding("feed", level, reason)])
        self.desk.look()
        told, self.told.titles = self.told.titles, []
        return told


@pytest.fixture
def scene(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    return Scene(tmp_path)


def test_an_alarm_is_logged_kept_and_told(scene, caplog):
    assert scene.see(CRITICAL) == ["[CRITICAL] feed: silent"]
    assert "alarm raised component=feed level=critical before=ok reason=silent" in caplog.text
    assert read_state(scene.path).book.alarms["feed"].told is CRITICAL
    assert scene.see(OK, "live") == ["[OK] feed has recovered"]
    assert "alarm recovered component=feed level=ok before=critical reason=live" in caplog.text
    assert read_state(scene.path).book.alarms == {}


def test_a_reason_with_the_name_of_a_strange_file_is_plain_wherever_it_is_read(scene):
    scene.see(CRITICAL, "no room for sk-1 \x1b[2J\n\udcff")
    assert read_state(scene.path).book.alarms["feed"].reason == r"no room for *** \x1b[2J\n\udcff"


def test_after_a_restart_nothing_is_told_twice_and_the_recovery_is_told(scene):
    scene.see(CRITICAL)
    scene.begin()
    assert scene.see(CRITICAL) == []
    scene.begin()
    assert scene.see(OK) == ["[OK] feed has recovered"]


def test_orders_of_other_processes_count_at_the_next_look(scene):
    scene.see(CRITICAL)
    scene.orders.acknowledge(read_state(scene.path).book.alarms["feed"])
    assert scene.see(CRITICAL, minutes=20) == []
    scene.see(OK)
    scene.orders.silence("feed", 1.0)
    assert scene.see(CRITICAL, minutes=1) == []
    scene.begin()
    assert scene.see(CRITICAL, minutes=1) == []
    scene.orders.unsilence("feed")
    assert scene.see(CRITICAL) == ["[CRITICAL] feed: silent"]


def test_orders_out_of_reach_are_one_line_however_often_they_are_looked_for(scene, caplog):
    scene.path.parent.parent.mkdir()
    scene.path.parent.write_text("a file where the folder should be")
    for _ in range(3):
        scene.see(CRITICAL)
    assert caplog.text.count("orders cannot be read") == 1
    scene.path.parent.unlink()
    scene.see(CRITICAL)
    assert read_state(scene.path).book.alarms["feed"].told is CRITICAL


@pytest.mark.parametrize("name", ["engine", "orders"])
def test_a_damaged_file_is_one_line_and_begun_anew(scene, caplog, name):
    scene.path.parent.mkdir(parents=True)
    scene.path.with_name(f"{name}.json").write_text("{ torn")
    assert scene.see(CRITICAL) == ["[CRITICAL] feed: silent"]
    scene.see(CRITICAL)
    damaged = [record for record in caplog.records if "begun anew" in record.getMessage()]
    assert len(damaged) == 1
    assert scene.path.with_name(f"{name}.damaged.json").read_text() == "{ torn"


def test_where_nothing_can_be_saved_people_are_told_all_the_same(scene, caplog, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    assert scene.see(CRITICAL) == ["[CRITICAL] feed: silent"]
    assert scene.see(CRITICAL, "still silent") == []
    assert caplog.text.count("cannot be saved") == 1
    (tmp_path / "data").unlink()
    scene.see(CRITICAL, "again")
    assert read_state(scene.path).book.alarms["feed"].reason == "again"


def test_no_secret_is_kept_or_logged_with_a_reason(scene, caplog):
    scene.see(WARNING, "key sk-1 refused")
    assert "sk-1" not in scene.path.read_text() + caplog.text
    assert "key ***" in scene.path.read_text()


def test_it_looks_in_a_thread_of_its_own_as_soon_as_something_is_heard(scene):
    async def run():
        running = asyncio.ensure_future(scene.desk.run())
        scene.desk.hear([Finding("feed", CRITICAL, "silent")])
        async with asyncio.timeout(60):
            while not scene.told.titles:
                await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(run())
    scene.desk.close()
    assert scene.told.titles == ["[CRITICAL] feed: silent"]


def test_what_no_file_explains_ends_neither_the_desk_nor_its_process(scene, caplog):
    def broken(_):
        raise RuntimeError("unforeseen")

    scene.told.tell = broken

    async def run():
        running = asyncio.ensure_future(scene.desk.run())
        scene.desk.hear([Finding("feed", CRITICAL, "silent")])
        async with asyncio.timeout(60):
            while "a look failed" not in caplog.text:
                await asyncio.sleep(0.001)
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(run())


@pytest.mark.parametrize(("demo", "why"), [(True, DEMO_SILENT), (False, NO_TARGET)])
def test_a_demo_and_an_installation_without_addresses_tell_nobody_and_say_so(tmp_path, demo, why):
    urls = {"ALARM_URLS": "json://127.0.0.1:9"} if demo else {}
    installation = Installation(Home(tmp_path), settings(**urls), demo)
    desk = opening.alarm_desk(installation, Watcher.ENGINE)
    desk.hear([Finding("feed", CRITICAL, "silent")])
    desk.look()
    assert overview(installation.home, 0).outside == why


def test_messages_that_wait_hold_an_end_up_but_no_emergency_stop(tmp_path):
    installation, told = Installation(Home(tmp_path), settings()), Told()
    installation.home.create()
    assert opening.closing_s(installation.home) == CLOSING_S
    installation.home.emergency_latch.touch()
    desk = opening.alarm_desk(installation, Watcher.SUPERVISOR, told)
    desk.close()
    assert told.waited_s == 0.0


def test_now_is_a_minute_of_the_local_day():
    assert 0 <= moment().local_minute < 24 * 60
