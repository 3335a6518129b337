"""The section Health alarms: what it tells of the files, and what its buttons order."""

import pytest
from fastapi import FastAPI

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import EVERYTHING, Alarm, Book, Event, Kind
from ops.alarms.opening import orders_of
from ops.alarms.reading import overview
from ops.alarms.state_file import Kept, TargetState, save_state, state_path
from ops.processes import Role, registered
from tests.ui.asking import post
from ui.access.action_token import ActionToken
from ui.alarms.feature import alarms_feature
from ui.alarms.reading import AlarmReader, alarm_events, told
from ui.alarms.routes import alarms_router

ACTIONS = ActionToken()
NOW_MS = 1_000_000
FEED = Alarm("feed", Level.CRITICAL, "no frame for 75 s", 0, 7, 9)
CPU = Alarm("cpu", Level.WARNING, "90 %", 0, 8, 9)
RAISED = Event(Kind.RAISED, "feed", Level.CRITICAL, Level.OK, "no frame", 0, 7)


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def keep(home, *alarms, watcher="engine", **more):
    save_state(state_path(home, watcher), Kept(Book({a.component: a for a in alarms}), **more))


def asked(home, path, **body):
    app = FastAPI()
    app.include_router(alarms_router(home, ACTIONS))
    return post(app, f"/alarms/{path}", body, ACTIONS.value)


def seen(home):
    return AlarmReader(home, lambda: NOW_MS).alarms()


def test_nothing_is_told_where_nothing_was_kept(home):
    assert told(seen(home)) == {"rows": [], "silenced": [], "notes": []}


def test_the_worst_comes_first_and_says_whether_its_watcher_runs(home):
    keep(home, CPU, FEED)
    first, second = told(seen(home))["rows"]
    assert (first["component"], first["level"], first["acknowledged"]) == (
        "feed",
        "critical",
        False,
    )
    assert second["component"] == "cpu"
    assert "does not run" in first["stale"]
    with registered(home.run, Role.ENGINE):
        assert told(seen(home))["rows"][0]["stale"] == ""


def test_what_goes_wrong_outside_or_on_disk_is_noted(home):
    keep(home, targets=(TargetState("1: JSON", 3, 2, 1, 4, "not taken"),), outside="why")
    keep(home, targets=(TargetState("1: JSON", 2),), watcher="supervisor")
    path = state_path(home, "dashboard")
    path.write_text("{")
    first, second, third = told(seen(home))["notes"]
    assert first == "Why"
    assert second == "Told outside, 1: JSON: 5 sent, 4 waiting, 1 lost; not taken"
    assert "cannot be read" in third
    assert path.read_text() == "{"


def test_buttons_acknowledge_silence_and_tell_again(home):
    keep(home, FEED)
    assert asked(home, "acknowledge", component="feed")[0] == 200
    status, answer = asked(home, "silence", component="feed", hours=8)
    assert (status, "silent outside until" in answer["said"]) == (200, True)
    (row,) = told(overview(home, NOW_MS))["rows"]
    assert row["acknowledged"]
    assert row["silent_until_ms"] > NOW_MS
    assert asked(home, "unsilence", component="feed")[0] == 200
    assert orders_of(home).read().silenced == {}
    assert "(page, 127.0.0.1)" in (home.logs / "audit.jsonl").read_text()


def test_what_everything_is_silent_for_is_told_by_name(home):
    orders_of(home).silence(EVERYTHING, 1.0)
    (told_of,) = told(seen(home))["silenced"]
    assert (told_of["component"], told_of["name"]) == ("all", "everything")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("acknowledge", {"component": "cpu"}, 409),
        ("acknowledge", {}, 422),
        ("silence", {"component": "no name", "hours": 1}, 422),
        ("silence", {"component": "feed", "hours": 0}, 422),
        ("silence", {"component": "feed", "hours": 721}, 422),
        ("silence", {"component": "feed", "hours": 1, "more": 1}, 422),
    ],
)
def test_what_cannot_be_ordered_is_refused(home, path, body, status):
    keep(home, FEED)
    assert asked(home, path, **body)[0] == status
    assert orders_of(home).read().silenced == {}


def test_orders_that_cannot_be_written_are_said(home):
    state_path(home, "engine").parent.write_text("a file where the folder should be")
    assert asked(home, "silence", component="feed", hours=1)[0] == 503


def test_the_bell_hears_of_alarms_and_a_new_page_of_those_that_are_still_critical(home):
    keep(
        home, FEED, recent=(RAISED, Event(Kind.RECOVERED, "cpu", Level.OK, Level.WARNING, "", 0, 8))
    )
    with registered(home.run, Role.ENGINE):
        raised, recovered = alarm_events(seen(home))
        assert (raised.tone, raised.now) == ("critical", True)
        assert raised.title == "Health: feed is critical"
        assert (recovered.tone, recovered.now) == ("good", False)
        orders_of(home).acknowledge(FEED)
        assert not next(alarm_events(seen(home))).now
    assert raised.id == next(alarm_events(seen(home))).id


def test_the_section_is_on_the_page_system(home):
    (part,) = alarms_feature(home, ACTIONS).parts
    assert part.title == "Health alarms"
