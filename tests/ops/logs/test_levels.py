"""A running process obeys what is asked of it, and forgets it when it ends."""

import logging

import pytest

from ops.logs.levels import CONFIGURED, AskedLevel, ask_level, set_levels


@pytest.fixture
def engine(tmp_path):
    with set_levels("INFO"):
        yield AskedLevel(tmp_path, "engine", "INFO")


def speaks_from():
    return logging.getLevelName(logging.getLogger("core").level)


def test_a_wish_is_obeyed_and_said(engine, tmp_path, caplog):
    ask_level(tmp_path, "engine", "DEBUG")
    engine.look()
    assert speaks_from() == "DEBUG"
    assert "to=DEBUG" in caplog.text
    assert not list(tmp_path.iterdir())


def test_it_is_said_before_it_could_no_longer_be_heard(engine, tmp_path, caplog):
    ask_level(tmp_path, "engine", "ERROR")
    engine.look()
    assert speaks_from() == "ERROR"
    assert "to=ERROR" in caplog.text


def test_the_configured_level_can_be_asked_for_again(engine, tmp_path):
    for wanted in ("DEBUG", CONFIGURED):
        ask_level(tmp_path, "engine", wanted)
        engine.look()
    assert speaks_from() == "INFO"


@pytest.mark.parametrize("wish", ["LOUDER", "", "\xff"])
def test_what_is_no_level_changes_nothing(engine, tmp_path, wish):
    (tmp_path / "engine.log-level").write_bytes(wish.encode("latin-1"))
    engine.look()
    assert speaks_from() == "INFO"


def test_a_wish_to_another_process_or_of_before_is_not_obeyed(engine, tmp_path):
    ask_level(tmp_path, "dashboard", "DEBUG")
    engine.look()
    assert speaks_from() == "INFO"
    ask_level(tmp_path, "engine", "DEBUG")
    restarted = AskedLevel(tmp_path, "engine", "INFO")
    restarted.look()
    assert speaks_from() == "INFO"
    assert [path.name for path in tmp_path.iterdir()] == ["dashboard.log-level"]
