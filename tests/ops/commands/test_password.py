import io

import pytest
import typer

from core.config.password_hash import PasswordHash
from ops.commands.password import env_line, password_command


def test_the_line_for_env_holds_a_hash_and_not_the_password():
    line = env_line("correct horse", "correct horse")
    name, _, value = line.partition("=")
    assert name == "DASHBOARD_PASSWORD_HASH"
    assert PasswordHash.parse(value).matches("correct horse")
    assert "correct" not in line


def test_two_that_differ_and_one_that_is_short_are_refused():
    with pytest.raises(ValueError, match="not the same"):
        env_line("correct horse", "correct house")
    with pytest.raises(ValueError, match="10 to 256 characters"):
        env_line("short", "short")


def test_it_asks_in_a_terminal_only(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\ncorrect horse\n"))
    with pytest.raises(typer.Exit) as caught:
        password_command()
    assert caught.value.exit_code == 2
    assert "in a terminal only" in capsys.readouterr().err
