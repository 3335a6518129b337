"""The command stops live and demo, whatever the configuration is like."""

import shutil

import pytest
import typer

from core.config import Home
from ops.commands.emergency_stop import EXIT_NOT_HELD, emergency_stop_command
from ops.control import status
from ops.launch import demo_home
from tests.builders import home as made_home


@pytest.fixture
def home(tmp_path, monkeypatch) -> Home:
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    return made_home(tmp_path)


def ended_with(**options):
    with pytest.raises(typer.Exit) as ended:
        emergency_stop_command(reason="smoke", **options)
    return ended.value.exit_code


def test_live_and_demo_are_latched_and_backed_up(home, capsys):
    demo = made_home(demo_home(home).root)
    assert ended_with() == 0
    for place in (home, demo):
        assert place.emergency_latch.exists()
        assert len(list((place.root / "backups").iterdir())) == 1
    assert capsys.readouterr().out.count("Everything held") == 2


def test_a_demo_that_never_ran_is_not_made(home):
    assert ended_with() == 0
    assert not demo_home(home).root.exists()


def test_what_does_not_hold_is_status_1(home, capsys):
    home.database.write_text("not a database")
    assert ended_with() == EXIT_NOT_HELD
    assert "NOT EVERYTHING HELD: backup" in capsys.readouterr().out


def test_a_stop_that_could_not_latch_does_not_promise_that_nothing_trades(home, capsys):
    shutil.rmtree(home.emergency_latch.parent)
    home.emergency_latch.parent.write_text("no folder")
    assert ended_with() == EXIT_NOT_HELD
    said = capsys.readouterr().out
    assert "NOT LATCHED" in said
    assert "Nothing trades" not in said


def test_a_configuration_that_cannot_be_read_keeps_nothing_from_being_stopped(
    home, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("TRADING_CONFIG", str(tmp_path / "absent.yaml"))
    assert ended_with() == 0
    assert "positions are kept" in capsys.readouterr().out


def test_status_tells_of_the_latch_and_how_to_resume(home):
    said = []
    status(home, said.append)
    assert not [line for line in said if "Emergency" in line]
    home.emergency_latch.write_text("smoke\n")
    status(home, said.append)
    assert [line for line in said if "smoke" in line and "make resume" in line]
