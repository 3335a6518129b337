"""Processes whose PID file is gone are found by what they run and for which home, never by name."""

import os
from pathlib import Path

import pytest

from core.config import REPOSITORY, Home
from ops.emergency.ending import found
from ops.processes import Role

MAIN = str(REPOSITORY / "main.py")


class FakeProcess:
    """One process of the machine, as psutil tells of it."""

    def __init__(self, command, directory, home):
        self.pid = os.getppid()  # somebody who lives, and is not we
        self.info = {"cmdline": command}
        self._directory, self._home = directory, home

    def cwd(self):
        return str(self._directory)

    def environ(self):
        return {} if self._home is None else {"TRADING_HOME": str(self._home)}


def strays(process, home):
    return [role for role, _ in found(home, [Role.ENGINE], lambda: [process])]


@pytest.mark.parametrize("script", [MAIN, "main.py", "./main.py", f"../{REPOSITORY.name}/main.py"])
def test_however_its_command_names_the_program_it_is_found(tmp_path, script):
    process = FakeProcess(["python", script, "trade"], REPOSITORY, tmp_path)
    assert strays(process, Home(tmp_path)) == [Role.ENGINE]


def test_a_home_that_another_process_names_from_where_it_runs_is_not_ours(tmp_path, monkeypatch):
    theirs, ours = tmp_path / "a", tmp_path / "b"
    for place in (theirs, ours):
        (place / "home").mkdir(parents=True)
    monkeypatch.chdir(ours)
    process = FakeProcess(["python", MAIN, "trade"], theirs, Path("home"))
    assert strays(process, Home((ours / "home").resolve())) == []
    assert strays(process, Home((theirs / "home").resolve())) == [Role.ENGINE]


def test_another_checkout_or_a_mere_mention_is_nobody(tmp_path):
    for command in (
        ["python", str(tmp_path / "main.py"), "trade"],
        ["vim", "-x", "-y", MAIN],
        ["python", MAIN, "backup"],
        ["python", MAIN, "simulate"],
    ):
        assert strays(FakeProcess(command, os.sep, tmp_path), Home(tmp_path)) == [], command
