import pytest

from core.model.health import Level
from ops.alarms.process_watch import (
    FRESH_S,
    SETTLED_AFTER_S,
    SILENT_AFTER_S,
    STARTING_S,
    ProcessWatch,
)
from ops.processes import Role
from ops.supervisor import ChildNews, News

OK, UNKNOWN, WARNING, CRITICAL = Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL


class Scene:
    def __init__(self, ports=None):
        self.watch = ProcessWatch(ports or {})

    def news(self, kind, now_s, role=Role.ENGINE, **more):
        self.watch.hear(ChildNews(role, kind, **more), now_s)

    def level(self, now_s, component="engine_process"):
        found = {one.component: one for one in self.watch.findings(now_s)}
        return found[component].level


def test_a_child_that_runs_is_well_once_it_has_settled():
    scene = Scene()
    assert scene.watch.findings(0.0) == ()
    scene.news(News.STARTED, 0.0, pid=7)
    assert scene.level(SETTLED_AFTER_S - 1) is UNKNOWN
    assert scene.level(SETTLED_AFTER_S) is OK


@pytest.mark.parametrize(("role", "grave"), [(Role.ENGINE, CRITICAL), (Role.DASHBOARD, WARNING)])
def test_a_crash_is_a_warning_and_a_loop_of_them_worse(role, grave):
    scene, component = Scene(), f"{role.value}_process"
    scene.news(News.CRASHED, 0.0, role, status=1, crashes=1)
    assert scene.level(0.0, component) is WARNING
    scene.news(News.STARTED, 1.0, role, pid=8)
    assert scene.level(2.0, component) is WARNING
    scene.news(News.CRASHED, 3.0, role, status=1, crashes=3)
    assert scene.level(3.0, component) is grave
    scene.news(News.GIVEN_UP, 4.0, role, status=-9, crashes=7)
    assert scene.level(9_999.0, component) is grave
    scene.news(News.STARTED, 10_000.0, role, pid=9)
    assert scene.level(10_000.0 + SETTLED_AFTER_S, component) is OK


def test_a_child_that_cannot_be_started_is_told_so():
    scene = Scene()
    scene.news(News.CRASHED, 0.0, status=None, crashes=1)
    (found,) = scene.watch.findings(0.0)
    assert "could not be started" in found.reason


def test_a_deliberate_end_is_no_finding_even_after_a_crash():
    scene = Scene({Role.ENGINE: 1})
    scene.news(News.CRASHED, 0.0, status=1, crashes=3)
    scene.news(News.STARTED, 1.0, pid=8)
    scene.watch.answered(Role.ENGINE, 2.0)
    scene.news(News.ENDED, 3.0, status=-15)
    assert scene.level(500.0) is UNKNOWN
    assert scene.level(500.0, "engine_silent") is UNKNOWN


def test_an_engine_that_lives_and_does_not_answer_is_silent():
    scene = Scene({Role.ENGINE: 8051})
    scene.news(News.STARTED, 0.0, pid=7)
    assert scene.level(STARTING_S - 1, "engine_silent") is UNKNOWN
    assert scene.level(STARTING_S, "engine_silent") is CRITICAL
    scene.watch.answered(Role.ENGINE, 200.0)
    assert scene.level(200.0 + FRESH_S - 1, "engine_silent") is OK
    assert scene.level(200.0 + FRESH_S, "engine_silent") is UNKNOWN
    assert scene.level(200.0 + SILENT_AFTER_S, "engine_silent") is CRITICAL
    found = scene.watch.findings(231.0, frozenset({Role.ENGINE}))
    assert "pid 7, held by a stop signal" in found[1].reason
    assert "8051 for 31 s" in found[1].reason
    scene.watch.answered(Role.ENGINE, 240.0)
    assert scene.level(240.0, "engine_silent") is OK


def test_the_answer_of_a_process_before_is_not_that_of_the_new_one():
    scene = Scene({Role.ENGINE: 8051})
    scene.news(News.STARTED, 0.0, pid=7)
    scene.watch.answered(Role.ENGINE, 50.0)
    scene.news(News.CRASHED, 51.0, status=1, crashes=1)
    scene.watch.answered(Role.ENGINE, 52.0)
    assert scene.level(53.0, "engine_silent") is UNKNOWN
    scene.news(News.STARTED, 54.0, pid=8)
    assert scene.watch.pid(Role.ENGINE) == 8
    assert scene.level(55.0, "engine_silent") is UNKNOWN
