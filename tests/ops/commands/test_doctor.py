"""What people and programs are told, and that a broken installation is told as well."""

import json
import os
import subprocess
import sys

import pytest
import typer

from core.config import REPOSITORY
from ops.commands import doctor
from ops.commands.doctor import doctor_command, tell
from ops.doctor.diagnosis import fine, problem, warning
from tests.ops.doctor.scene import tree

FOUND = (fine("disk", "free"), warning("clock", "late", "set it"), problem("home", "gone", "look"))


def test_people_get_a_line_for_each_check(capsys):
    assert tell(FOUND) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok", "warning", "problem", "3"]
    assert lines[2].endswith("gone -> look")
    assert lines[3] == "3 checks, problems: 1, warnings: 1"


def test_programs_get_json(capsys):
    assert tell(FOUND, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["problems"], told["warnings"]) == (1, 1)
    assert told["checks"][1] == {
        "name": "clock",
        "verdict": "warning",
        "words": "late",
        "advice": "set it",
    }


def test_a_warning_is_no_failure():
    assert tell(FOUND[:2]) == 0


def test_the_command_ends_with_the_status_of_what_it_found(monkeypatch, capsys):
    asked = []

    def found(*, offline):
        asked.append(offline)
        return iter(FOUND)

    monkeypatch.setattr(doctor, "_diagnoses", found)
    with pytest.raises(typer.Exit) as ended:
        doctor_command(as_json=False, offline=True)
    assert (ended.value.exit_code, asked) == (1, [True])
    assert capsys.readouterr().out


@pytest.mark.simulator
def test_a_broken_installation_is_told_line_by_line_and_left_as_it_is(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "trading_signals.db").write_bytes(b"no database " * 1_000)
    (data / "EMERGENCY_STOP").write_text("test")
    config = tmp_path / "config.yaml"
    config.write_text("paper: [")
    (tmp_path / ".env").write_text("DEEPSEEK_API_KEY=sk-0123456789abcdef")
    (tmp_path / ".env").chmod(0o644)
    before = tree(tmp_path)
    done = subprocess.run(
        [sys.executable, REPOSITORY / "main.py", "doctor", "--offline"],
        env=os.environ | {"TRADING_HOME": str(tmp_path), "TRADING_CONFIG": str(config)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert tree(tmp_path) == before
    assert (done.returncode, done.stderr) == (1, "")
    said = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert said["imports"] == "ok"
    for name in ("config", "secrets", "journal"):
        assert said[name] == "problem", name
    assert said["emergency_stop"] == "warning"
    assert "0123456789" not in done.stdout
