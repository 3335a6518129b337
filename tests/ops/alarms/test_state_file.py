import json

import pytest

from core.model.health import Finding, Level
from ops.alarms.alarm import Book, Orders
from ops.alarms.book import look
from ops.alarms.json_file import DamagedError, set_aside
from ops.alarms.message import Message, Tone
from ops.alarms.policy import Moment, Policy
from ops.alarms.state_file import MOST_RECENT, Kept, TargetState, read_state, save_state

TARGET = TargetState("1: JSON", 3, 1, 0, 2, "away", (Message("title", "body", Tone.WARNING),))


def kept():
    found = [Finding("feed", Level.CRITICAL, "silent"), Finding("cpu", Level.WARNING, "90 %")]
    looked = look(Book(), found, Orders(), Policy(), Moment(1_000, 0))
    return Kept(looked.book, looked.events, (TARGET,), "why")


def test_what_is_saved_is_read_again_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "alarms" / "engine.json"
    assert read_state(path) == Kept()
    save_state(path, kept())
    assert read_state(path) == kept()
    assert [file.name for file in path.parent.iterdir()] == ["engine.json"]


def test_only_the_newest_events_are_kept(tmp_path):
    path = tmp_path / "engine.json"
    state = kept()
    save_state(path, Kept(recent=state.recent * MOST_RECENT))
    assert len(read_state(path).recent) == MOST_RECENT


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(version=2),
        lambda told: told.pop("sent"),
        lambda told: told["alarms"][0].update(level="worse"),
        lambda told: told["alarms"][0].update(since_ms="today"),
        lambda told: told["alarms"][0].update(told_ms=True),
        lambda told: told["alarms"][0].update(component="no name"),
        lambda told: told["alarms"][0].update(since_ms=10**30),
        lambda told: told["alarms"][0].update(reason=None),
        lambda told: told["alarms"][0].update(more=1),
        lambda told: told["recent"][0].update(at_ms=1.5),
        lambda told: told["recent"][0].update(component=[]),
        lambda told: told.update(targets=[{"name": "a", "url": "b"}]),
        lambda told: told["targets"][0].update(messages=[{"title": "a"}]),
        lambda told: told["targets"][0].update(name={}),
        lambda told: told["targets"][0].update(sent="3"),
        lambda told: told.update(alarms=7),
    ],
)
def test_a_file_that_holds_something_else_is_damaged(tmp_path, change):
    path = tmp_path / "engine.json"
    save_state(path, kept())
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))
    with pytest.raises(DamagedError, match=r"engine\.json"):
        read_state(path)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\x00\xff", b"[" * 100_000, b" " * 1_000_001])
def test_what_is_no_object_is_damaged(tmp_path, raw):
    path = tmp_path / "engine.json"
    path.write_bytes(raw)
    with pytest.raises(DamagedError, match=r"engine\.json"):
        read_state(path)


def test_a_damaged_file_is_set_aside_over_the_one_before(tmp_path, caplog):
    path = tmp_path / "engine.json"
    for raw in ("one", "two"):
        path.write_text(raw)
        set_aside(path, DamagedError("engine.json: no"))
    assert [file.name for file in tmp_path.iterdir()] == ["engine.damaged.json"]
    assert (tmp_path / "engine.damaged.json").read_text() == "two"
    assert len(caplog.records) == 2
