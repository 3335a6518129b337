"""The engine's and the dashboard's alarms, with a real watch and a loopback webhook."""

import asyncio

from core.config import Home
from core.model.health import Level
from ops.alarms.role_alarms import dashboard_alarms, engine_alarms
from ops.alarms.state_file import read_state, state_path
from ops.health.rule import Observation, Rule
from ops.health.watch import HealthWatch, Probe
from ops.launch import Installation
from tests.builders import settings
from tests.ops.alarms.receiver import receiving


def watch(**levels):
    probes = [
        Probe(
            Rule(name, name), lambda name=name, level=level: Observation(f"{name} so", level=level)
        )
        for name, level in levels.items()
    ]
    return HealthWatch(probes, every_s=10.0)


def test_the_engine_tells_what_its_health_finds_but_not_its_feed_twice(tmp_path):
    with receiving() as receiver:
        urls = {"ALARM_URLS": f"json://127.0.0.1:{receiver.port}"}
        looking = watch(feed=Level.CRITICAL, engine_feed=Level.CRITICAL, cpu=Level.OK)

        async def run():
            async with engine_alarms(Installation(Home(tmp_path), settings(**urls)), looking):
                await looking.look()
                await asyncio.to_thread(receiver.wait)

        asyncio.run(run())
    assert [told["title"] for told in receiver.posted] == ["[CRITICAL] feed: feed so"]


def test_a_heartbeat_goes_out_while_the_engine_is_well(tmp_path):
    with receiving() as receiver:
        urls = {"HEARTBEAT_URL": f"http://127.0.0.1:{receiver.port}/beat"}
        looking = watch(feed=Level.OK)

        async def run():
            await looking.look()
            async with engine_alarms(Installation(Home(tmp_path), settings(**urls)), looking):
                await asyncio.to_thread(receiver.wait)

        asyncio.run(run())
    assert receiver.paths == ["/beat"]


def test_the_dashboard_tells_only_what_nobody_else_can_find(tmp_path):
    looking = watch(feed=Level.CRITICAL, page_response=Level.WARNING)
    home = Home(tmp_path)

    async def run():
        async with dashboard_alarms(Installation(home, settings()), looking):
            await looking.look()

    asyncio.run(run())
    assert set(read_state(state_path(home, "dashboard")).book.alarms) == {"page_response"}


def test_what_could_not_be_sent_goes_out_after_the_next_start_and_only_once(tmp_path):
    with receiving() as receiver:
        urls = {"ALARM_URLS": f"json://127.0.0.1:{receiver.port}"}
        made = Installation(Home(tmp_path), settings(**urls))
        receiver.status = 503

        async def run(level, times):
            looking = watch(feed=level)
            async with engine_alarms(made, looking):
                await looking.look()
                await asyncio.to_thread(receiver.wait, times)

        asyncio.run(run(Level.CRITICAL, 1))
        (kept,) = read_state(state_path(made.home, "engine")).targets
        assert [message.title for message in kept.messages] == ["[CRITICAL] feed: feed so"]
        receiver.status, tries = 200, len(receiver.posted)
        asyncio.run(run(Level.UNKNOWN, tries))
        assert len(receiver.posted) == tries + 1
        (kept,) = read_state(state_path(made.home, "engine")).targets
        assert (kept.waiting, kept.messages) == (0, ())
