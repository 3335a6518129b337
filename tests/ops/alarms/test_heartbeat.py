import asyncio

from core.model.health import Finding, Level
from ops.alarms.heartbeat import Heartbeat
from ops.alarms.role_alarms import is_well
from tests.ops.alarms.receiver import receiving


def beats(url, well, times):
    """Run a heartbeat for so many minutes, each as long as it takes."""

    async def run():
        left = [times]

        async def sleep(_):
            left[0] -= 1
            if not left[0]:
                raise asyncio.CancelledError

        await asyncio.wait([asyncio.ensure_future(Heartbeat(url, well, sleep=sleep).run())])

    asyncio.run(run())


def test_each_minute_is_told_while_all_is_well_and_none_while_it_is_not():
    answers = iter([True, False, True])
    with receiving() as receiver:
        beats(f"http://127.0.0.1:{receiver.port}/ping/abc", lambda: next(answers), 3)
    assert receiver.paths == ["/ping/abc"] * 2


def test_a_heartbeat_that_is_refused_is_logged_once_and_never_with_its_address(caplog):
    caplog.set_level("INFO")
    with receiving() as receiver:
        port, receiver.status = receiver.port, 503
        beats(f"http://127.0.0.1:{port}/ping/abcdef", lambda: True, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "heartbeat does not arrive: reason=answered 503"
    ]
    beats(f"http://127.0.0.1:{port}/ping/abcdef", lambda: True, 2)
    beats("no address at all abcdef", lambda: True, 1)
    assert "abcdef" not in caplog.text
    assert "127.0.0.1" not in caplog.text
    assert len(caplog.records) == 3


def test_a_heartbeat_that_arrives_again_is_said(caplog):
    caplog.set_level("INFO")
    with receiving() as receiver:
        receiver.status = 500

        def well():
            receiver.status = 200 if receiver.paths else 500
            return True

        beats(f"http://127.0.0.1:{receiver.port}/", well, 2)
    assert "arrives again" in caplog.text


class Watch:
    every_s = 10.0

    def __init__(self, age_s, **levels):
        self.age, self.levels = age_s, levels

    def age_s(self):
        return self.age

    def findings(self):
        return tuple(Finding(name, level, "") for name, level in self.levels.items())


def test_the_engine_is_well_with_a_live_feed_and_nothing_critical():
    assert is_well(Watch(1.0, feed=Level.OK, cpu=Level.WARNING, regime=Level.UNKNOWN))
    for feed in (Level.UNKNOWN, Level.WARNING, Level.CRITICAL):
        assert not is_well(Watch(1.0, feed=feed))
    assert not is_well(Watch(1.0, feed=Level.OK, disk=Level.CRITICAL))
    assert not is_well(Watch(1.0, cpu=Level.OK))


def test_old_findings_say_nothing_of_now():
    assert not is_well(Watch(None, feed=Level.OK))
    assert not is_well(Watch(61.0, feed=Level.OK))
