"""A wish for another level reaches the processes that run, and nobody else."""

import os

import pytest
from typer.testing import CliRunner

from core.config import Home
from main import app
from ops.processes import Role, registered


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    return Home(tmp_path)


def asked(*arguments):
    return CliRunner().invoke(app, ["log-level", *arguments])


def test_it_asks_each_process_that_runs(home):
    with registered(home.run, Role.ENGINE):
        done = asked("debug")
        assert done.exit_code == 0, done.output
        assert str(os.getpid()) in done.stdout
        assert (home.run / "engine.log-level").read_text() == "DEBUG"
        assert not (home.run / "dashboard.log-level").exists()


def test_the_way_back_is_told_as_what_it_is(home):
    with registered(home.run, Role.ENGINE):
        said = asked("config").stdout
    assert said == f"engine      pid {os.getpid()}  as configured within 2 s\n"


def test_nobody_to_ask_is_told(home):
    with registered(home.run, Role.ENGINE):
        done = asked("DEBUG", "--role", "dashboard")
    assert (done.exit_code, done.stderr) == (3, "Not running: dashboard\n")


@pytest.mark.parametrize("wish", [("louder",), ("debug", "--role", "simulator")])
def test_what_is_no_level_or_no_process_is_refused(home, wish):
    done = asked(*wish)
    assert done.exit_code == 2
    assert wish[-1] in done.stderr
