"""``python main.py resume``: let a running engine enter trades again after a drawdown."""

from typing import Annotated, NoReturn

import typer

from core.config import Home
from core.model.source import SOURCE_WORDS
from ops.launch import demo_home
from ops.processes import Role, running

EXIT_NOT_CONFIRMED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3
EXIT_NOT_LATCHED = 4


def resume_command(
    reason: Annotated[str, typer.Option(help="Why it is right to go on; kept in the log.")],
) -> None:
    """
    Let the running engine enter trades again after its drawdown breaker has tripped.

    Exit status 1 when it does not confirm, 2 without a reason, 3 when no engine runs, 4 when
    nothing waits to be resumed.
    """
    import psutil  # noqa: PLC0415 - `--help` is quick

    from ops.trading_resume import (  # noqa: PLC0415
        CONFIRMED_WITHIN_S,
        await_resume,
        latched_accounts,
        request_resume,
    )

    home = _home_of_engine(Home.from_environment())
    if home is None:
        _end("No engine runs (start: make start, or make demo).", EXIT_NOT_RUNNING)
    latched = latched_accounts(home)
    if not latched:
        _end("Nothing waits to be resumed: no drawdown breaker has tripped.", EXIT_NOT_LATCHED)
    try:
        number = request_resume(home, who=psutil.Process().username(), reason=reason.strip())
    except ValueError as error:
        _end(f"--reason: {error}", EXIT_USAGE)
    if not await_resume(home, number):
        seconds = f"{CONFIRMED_WITHIN_S:.0f} s"
        words = f"The engine has not confirmed it within {seconds}; look at"
        _end(f"{words} {home.logs / 'system.log'}", EXIT_NOT_CONFIRMED)
    for source, words in latched.items():
        typer.echo(f"Resumed the account {SOURCE_WORDS[source]!r}: {words}")
    if home.emergency_latch.exists():
        typer.echo(f"Nothing is entered all the same: {home.emergency_latch} is there.")


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status)


def _home_of_engine(home: Home) -> Home | None:
    places = (home, demo_home(home))
    return next((place for place in places if running(place.run, Role.ENGINE)), None)
