"""What ``db`` says, and the exit status scripts can rely on."""

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from core.config import REPOSITORY, Home
from ops.backup.create import create_backup
from ops.commands.audit import audit_commands
from ops.commands.db import db_commands
from tests.ops.database.builders import filled, torn


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def said(home, *words, commands=db_commands):
    done = CliRunner().invoke(commands, words, env={"TRADING_HOME": str(home.root)})
    return done.exit_code, done.output


def test_without_a_journal_every_command_is_one_line_and_status_2(home):
    for words in (["check"], ["optimize"], ["dump"], ["dump", "--output", "x.sql"], ["rollback"]):
        status, told = said(home, *words)
        assert (status, told.count("\n")) == (2, 1), told


def test_check_tells_a_sound_journal_from_a_damaged_one(home):
    filled(home)
    status, told = said(home, "check")
    assert status == 0
    assert "ok  schema" in told
    torn(home)
    status, told = said(home, "check")
    assert status == 1
    assert told.startswith("DAMAGED: ")


def test_a_dump_goes_to_the_terminal_or_to_a_file(home):
    filled(home)
    status, told = said(home, "dump")
    assert (status, told.splitlines()[0]) == (0, "BEGIN TRANSACTION;")
    target = home.root / "dump.sql"
    assert said(home, "dump", "--output", str(target))[0] == 0
    assert target.read_text() == told


def test_unpin_and_new_say_when_there_is_nothing_to_do(home):
    assert said(home, "unpin") == (0, "The schema was not pinned.\n")
    filled(home)
    assert said(home, "new")[0] == 2


def test_the_trail_is_shown_and_a_broken_one_is_status_1(home):
    assert said(home, "show", commands=audit_commands)[1] == "Nothing has been written down yet.\n"
    said(home, "new")
    status, told = said(home, "show", "--last", "1", commands=audit_commands)
    assert status == 0
    assert "manual" in told
    assert "db new" in told
    assert said(home, "verify", commands=audit_commands)[0] == 0
    trail = home.logs / "audit.jsonl"
    trail.write_text(trail.read_text().replace("db new", "db old"))
    status, told = said(home, "verify", commands=audit_commands)
    assert status == 1
    assert "BROKEN" in told
    assert "entry 1" in told


def test_what_stands_behind_a_broken_line_is_shown_too(home):
    said(home, "new")
    said(home, "new")
    said(home, "new")
    trail = home.logs / "audit.jsonl"
    first, _, third = trail.read_text().splitlines()
    trail.write_text(f"{first}\nrubbish\n{third}\n")
    status, told = said(home, "show", commands=audit_commands)
    assert status == 0
    assert [line.split()[0] for line in told.splitlines()] == ["1", "3", "It"]
    assert "audit verify" in told


@pytest.mark.simulator
def test_the_engine_refuses_a_damaged_journal_with_a_status_that_is_not_retried(home):
    filled(home)
    name = create_backup(home).name.removesuffix(".tar.gz")
    torn(home)
    environment = {
        **os.environ,
        "TRADING_HOME": str(home.root),
        "DASHBOARD_PORT": "8293",
        "ENGINE_PORT": "8294",
    }
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "main.py"), "trade"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert f"make restore BACKUP={name} " in done.stderr
    assert not home.database.exists()
