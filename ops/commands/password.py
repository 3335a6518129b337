"""``python main.py password``: the line for .env that lets only who knows a password in."""

import sys

import typer

from core.config.password_hash import PasswordHash

EXIT_USAGE = 2
_VARIABLE = "DASHBOARD_PASSWORD_HASH"


def password_command() -> None:
    """
    Ask twice for a password of the page; print the line for .env, never the password.

    Exit status 2 when the two differ or the password is too short.
    """
    if not sys.stdin.isatty():
        typer.echo("A password is asked for in a terminal only.", err=True)
        raise typer.Exit(EXIT_USAGE)
    first = typer.prompt("Password of the dashboard", hide_input=True, err=True)
    second = typer.prompt("Once more", hide_input=True, err=True)
    try:
        line = env_line(first, second)
    except ValueError as error:
        typer.echo(f"Password: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    typer.echo("Put this line into .env beside config.yaml, then: make restart", err=True)
    typer.echo(line)


def env_line(first: str, second: str) -> str:
    """
    Return the line for .env.

    Raises:
        ValueError: If the two differ, or the password is too short or too long.
    """
    if first != second:
        raise ValueError("the two are not the same")
    return f"{_VARIABLE}={PasswordHash.of(first).line}"
