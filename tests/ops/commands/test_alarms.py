"""``main.py alarms``, with real files and a loopback webhook."""

import os

import pytest
from typer.testing import CliRunner

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import Alarm, Book, Event, Kind
from ops.alarms.opening import orders_of
from ops.alarms.state_file import Kept, TargetState, save_state, state_path
from ops.commands.alarms import alarms_app
from ops.launch import demo_home
from ops.processes import Role, registered
from tests.builders import home as made_home
from tests.ops.alarms.receiver import receiving

SECRET = "S3CRETTOKEN0123"  # noqa: S105 - of this test alone
FEED = Alarm("feed", Level.CRITICAL, "no frame for 75 s", 0, 7, 9)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Home:
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    monkeypatch.delenv("ALARM_URLS", raising=False)
    return made_home(tmp_path)


def keep(home, *alarms, watcher="engine", **more):
    save_state(state_path(home, watcher), Kept(Book({a.component: a for a in alarms}), **more))


def asked(*words):
    result = CliRunner().invoke(alarms_app, words, env=dict(os.environ))
    return result.exit_code, result.output


def test_nothing_to_list_is_said(home):
    status, said = asked("list")
    assert status == 0
    assert "none is active" in said


def test_alarms_of_every_watcher_are_listed_with_how_telling_goes(home):
    targets = (TargetState("1: JSON", 3, 1, 2, 1, "away"),)
    keep(home, FEED, targets=targets, outside="why nobody")
    keep(home, Alarm("dashboard_process", Level.WARNING, "crashed", 0, 0, 0), watcher="supervisor")
    keep(demo_home(home), Alarm("cpu", Level.WARNING, "busy", 0, 0, 0))
    orders_of(home).acknowledge(FEED)
    orders_of(home).silence("disk", 1.0)
    status, said = asked("list")
    assert status == 0
    for words in (
        "critical  feed", "no frame for 75 s", "acknowledged", "the engine last said",
        "dashboard_process", "silent until", "disk", "why nobody", "1: JSON: 3 sent", "away",
        f"Alarms of {demo_home(home).root}", "cpu",
    ):  # fmt: skip
        assert words in said


def test_a_file_that_cannot_be_read_is_listed_as_such(home):
    path = state_path(home, "engine")
    path.parent.mkdir(parents=True)
    path.write_text("{")
    status, said = asked("list")
    assert (status, "cannot be read" in said, path.read_text()) == (0, True, "{")


def test_a_demo_whose_alarms_are_out_of_reach_is_listed_too(home):
    folder = state_path(demo_home(home), "engine").parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be")
    status, said = asked("list")
    assert (status, "orders cannot be read" in said) == (0, True)


def test_an_active_alarm_is_acknowledged_and_another_is_not(home):
    keep(home, FEED)
    status, said = asked("ack", "feed")
    assert (status, "Acknowledged feed" in said) == (0, True)
    assert orders_of(home).read().knows(FEED)
    assert '"alarm"' in (home.logs / "audit.jsonl").read_text()
    status, said = asked("ack", "cpu")
    assert (status, "Active: feed" in said) == (2, True)


def test_a_component_is_silenced_and_told_again(home):
    assert asked("silence", "feed", "--hours", "2")[0] == 0
    assert set(orders_of(home).read().silenced) == {"feed"}
    assert asked("unsilence", "feed") == (0, "feed is told outside again.\n")
    assert asked("unsilence", "feed") == (0, "feed is not silent.\n")
    assert asked("silence", "feed")[0] == 0
    status, said = asked("unsilence", "all")
    assert (status, "those of single components stay" in said) == (0, True)
    assert set(orders_of(home).read().silenced) == {"feed"}
    assert asked("silence", "all")[0] == 0
    assert asked("silence", "no name")[0] == asked("unsilence", "no name")[0] == 2
    status, said = asked("silence", "fede")
    assert (status, "'fede' is no component" in said) == (2, True)
    assert asked("silence", "feed", "--hours", "0")[0] == 2
    assert (home.logs / "audit.jsonl").read_text().count("silenced") == 4


def test_orders_that_cannot_be_written_are_status_1(home):
    state_path(home, "engine").parent.write_text("a file where the folder should be")
    status, said = asked("silence", "feed")
    assert (status, "orders" in said) == (1, True)


def test_while_only_the_demo_runs_it_is_meant(home):
    demo = made_home(demo_home(home).root)
    with registered(demo.run, Role.ENGINE):
        asked("silence", "feed")
    assert set(orders_of(demo).read().silenced) == {"feed"}
    assert orders_of(home).read().silenced == {}


def test_a_test_message_goes_to_every_address_and_says_of_each_whether_it_went(home, monkeypatch):
    with receiving() as receiver:
        url = f"json://user:{SECRET}@127.0.0.1:{receiver.port}"
        monkeypatch.setenv("ALARM_URLS", url)
        status, said = asked("test")
        assert (status, said) == (0, "sent      1: JSON\n")
        receiver.status = 403
        monkeypatch.setenv("ALARM_URLS", f"{url} nonsense://{SECRET}")
        status, said = asked("test")
    assert status == 1
    assert "NOT SENT  1: JSON" in said
    assert "403" in said
    assert "NOT SENT  2: not understood" in said
    assert SECRET not in said
    assert "[TEST]" in receiver.posted[0]["title"]
    assert str(home.root) in receiver.posted[0]["message"]


def test_without_an_address_a_test_is_status_2(home):
    status, said = asked("test")
    assert (status, "ALARM_URLS" in said) == (2, True)


def test_events_are_kept_for_the_page_only(home):
    keep(home, recent=(Event(Kind.RAISED, "feed", Level.WARNING, Level.OK, "why", 0, 0),))
    assert "none is active" in asked("list")[1]
