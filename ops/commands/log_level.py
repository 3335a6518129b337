"""``python main.py log-level``: let running processes say more, or less."""

from typing import Annotated, NoReturn

import typer

from core.config import Home

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3


def log_level_command(
    level: Annotated[str, typer.Argument(help="DEBUG INFO WARNING ERROR, or config.")],
    role: Annotated[str, typer.Option(help="engine, dashboard or supervisor; else all.")] = "",
) -> None:
    """
    Change from which level running processes log, within seconds and until they end.

    Exit status 2 for what is no level or process, 3 when none of them runs.
    """
    from ops.launch import demo_home  # noqa: PLC0415 - `--help` is quick
    from ops.logs.levels import CONFIGURED, LEVELS, ask_level  # noqa: PLC0415
    from ops.processes import Role, running  # noqa: PLC0415

    wanted = level.strip().upper()
    if wanted not in (*LEVELS, CONFIGURED):
        _end(f"{level}: is no level; there are {' '.join(LEVELS)} and config", EXIT_USAGE)
    loggers = (Role.ENGINE, Role.DASHBOARD, Role.SUPERVISOR)
    named = [one for one in loggers if role.strip().lower() in ("", one)]
    if not named:
        _end(f"{role}: is no process that logs; there are {' '.join(loggers)}", EXIT_USAGE)
    home, told = Home.from_environment(), 0
    words = "as configured" if wanted == CONFIGURED else wanted
    until = "" if wanted == CONFIGURED else ", until it ends"
    for place in (home, demo_home(home)):
        for one in named:
            identity = running(place.run, one)
            if identity is None:
                continue
            try:
                ask_level(place.run, one, wanted)
            except OSError as error:
                _end(f"{place.run}: cannot be written to: {error.strerror}", EXIT_FAILED)
            typer.echo(f"{one:<11} pid {identity.pid}  {words} within 2 s{until}")
            told += 1
    if not told:
        _end(f"Not running: {', '.join(named)}", EXIT_NOT_RUNNING)


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status)
