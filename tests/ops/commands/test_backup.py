"""What cannot be used is one line and status 2, and changes nothing."""

import pytest
import typer

from ops.backup.create import create_backup
from ops.commands.backup import EXIT_UNUSABLE, backup_command, restore_command
from tests.builders import home as made_home


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    return made_home(tmp_path)


def test_backup_tells_where_it_is(home, capsys):
    backup_command()
    (made,) = (home.root / "backups").iterdir()
    assert str(made) in capsys.readouterr().out


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
