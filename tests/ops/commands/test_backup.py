"""What cannot be used is one line and status 2, and changes nothing."""

import os
import shutil
import subprocess
import sys

import pytest
import typer

from core.config import REPOSITORY
from core.journal.journal import Journal
from ops.backup.checking import manifest_of
from ops.backup.create import create_backup
from ops.backup.drill import drill_file
from ops.commands.backup import (
    EXIT_UNUSABLE,
    backup_command,
    restore_command,
    restore_drill_command,
)
from ops.launch import demo_home
from tests.builders import home as made_home
from tests.core.journal.empty_journal import ready


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    monkeypatch.setenv("TRADING_CONFIG", str(tmp_path / "config.yaml"))
    shutil.copyfile(REPOSITORY / "config.yaml", tmp_path / "config.yaml")
    return made_home(tmp_path)


def test_backup_tells_where_it_is(home, capsys):
    backup_command()
    (made,) = (home.root / "backups").iterdir()
    assert str(made) in capsys.readouterr().out


def test_a_backup_without_a_journal_says_so_and_where_the_demo_keeps_its_own(home, capsys):
    backup_command()
    assert "NO JOURNAL IS IN IT" in capsys.readouterr().out
    demo = made_home(demo_home(home).root)
    demo.database.touch()
    backup_command()
    assert f"TRADING_HOME={demo.root} make backup" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["latest", "backup_20200101_000000", "../x", "/etc/passwd"])
def test_a_backup_that_is_not_there_is_one_line_and_status_2(home, capsys, name):
    with pytest.raises(typer.Exit) as ended:
        restore_command(name)
    assert ended.value.exit_code == EXIT_UNUSABLE
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_backup_that_cannot_be_made_is_status_1(home, capsys):
    home.database.write_text("not a database")
    with pytest.raises(typer.Exit) as ended:
        backup_command()
    assert ended.value.exit_code == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_backup_without_a_journal_is_not_restored(home, capsys):
    made = create_backup(home)
    with pytest.raises(typer.Exit) as ended:
        restore_command(made.name)
    assert ended.value.exit_code == EXIT_UNUSABLE
    assert "holds no journal" in capsys.readouterr().err


def test_secrets_without_a_passphrase_are_status_2_and_say_how(home, capsys):
    (home.root / ".env").write_text("DEEPSEEK_API_KEY=sk-x\n")
    with pytest.raises(typer.Exit) as ended:
        backup_command(secrets=True)
    assert ended.value.exit_code == EXIT_UNUSABLE
    (line,) = capsys.readouterr().err.splitlines()
    assert "BACKUP_PASSPHRASE" in line
    assert list((home.root / "backups").iterdir()) == []


def test_a_broken_configuration_prevents_no_backup(home, capsys):
    (home.root / "config.yaml").write_text("broken: [\n")
    backup_command()
    (made,) = (home.root / "backups").iterdir()
    assert manifest_of(made).schema is None
    assert "configuration is broken" in capsys.readouterr().out


def test_a_drill_of_a_backup_that_is_not_there_is_status_2(home, capsys):
    with pytest.raises(typer.Exit) as ended:
        restore_drill_command()
    assert ended.value.exit_code == EXIT_UNUSABLE
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.faults
@pytest.mark.parametrize(("spoilt", "status"), [(False, 0), (True, 1)])
def test_a_drill_tells_each_step_and_remembers_what_came_of_it(home, capsys, spoilt, status):
    Journal.open(ready(home.database)).checkpoint_and_close()
    made = create_backup(home)
    if spoilt:
        made.write_bytes(made.read_bytes()[:-9])
    with pytest.raises(typer.Exit) as ended:
        restore_drill_command()
    assert ended.value.exit_code == status
    assert ("NOT HELD" in capsys.readouterr().out) is spoilt
    assert drill_file(home).exists()


REGISTERED = """
import sys, time
from pathlib import Path
from ops.processes import Role, registered
with registered(Path(sys.argv[1]), Role.ENGINE):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.mark.faults
def test_stop_ends_what_runs_but_only_for_a_backup_that_is_sound(home, capsys):
    Journal.open(ready(home.database)).checkpoint_and_close()
    made = create_backup(home)
    whole = made.read_bytes()
    engine = subprocess.Popen(
        [sys.executable, "-c", REGISTERED, str(home.run)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    try:
        assert engine.stdout is not None
        assert engine.stdout.readline() == b"ready\n"
        made.write_bytes(whole[:-9])
        with pytest.raises(typer.Exit) as ended:
            restore_command(made.name, stop=True)
        assert ended.value.exit_code == EXIT_UNUSABLE
        assert engine.poll() is None, "a damaged backup must end nothing"
        made.write_bytes(whole)
        capsys.readouterr()
        restore_command(made.name, stop=True)
        engine.wait(60)  # its status is taken by whoever ended it
    finally:
        engine.kill()
        engine.wait(60)
        if engine.stdout:
            engine.stdout.close()
    told = capsys.readouterr().out
    assert f"engine (pid {engine.pid}) ended by TERM" in told
    assert "make start" in told
    assert "Restored." in told
