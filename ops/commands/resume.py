"""``python main.py resume``: trade again after an emergency stop or a drawdown."""

import sys
from typing import Annotated, NoReturn

import typer

from core.config import Home
from core.model.source import SOURCE_WORDS
from ops.launch import demo_home
from ops.running_engine import home_of_engine

EXIT_NOT_CONFIRMED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3
EXIT_NOT_LATCHED = 4


def resume_command(
    reason: Annotated[str, typer.Option(help="Why it is right to go on; kept in the log.")] = "",
) -> None:
    """
    Let go of the emergency latch, live and demo, then of drawdown breakers that have tripped.

    Breakers are the running engine's: where none runs they stay. Exit status 1 when something
    was not done or not confirmed, 2 without a reason, 3 when no latch was set and no engine
    runs, 4 when nothing waits to be resumed.
    """
    import psutil  # noqa: PLC0415 - `--help` is quick

    from ops.emergency.latch import LatchError  # noqa: PLC0415
    from ops.trading_resume import latched_accounts  # noqa: PLC0415

    home, who = Home.from_environment(), psutil.Process().username()
    words = (reason or _asked()).strip()
    try:
        released = _release(home, who, words)
    except ValueError as error:
        _end(f"--reason: {error}", EXIT_USAGE)
    except LatchError as error:
        _end(str(error), EXIT_NOT_CONFIRMED)
    trading = home_of_engine(home)
    if trading is None and released:
        return
    if trading is None:
        _end("No engine runs (start: make start, or make demo).", EXIT_NOT_RUNNING)
    latched = latched_accounts(trading)
    if latched:
        _resume_breakers(trading, who, words)
    elif not released:
        _end(
            "Nothing waits to be resumed: no emergency stop, and no drawdown breaker has tripped.",
            EXIT_NOT_LATCHED,
        )
    for source, why in latched.items():
        typer.echo(f"Resumed the account {SOURCE_WORDS[source]!r}: {why}")


def _release(home: Home, who: str, words: str) -> bool:
    """Let go of the latches and tell it; whether any was set."""
    from ops.emergency.release import release, revive  # noqa: PLC0415

    places = [place for place in (home, demo_home(home)) if release(place, who=who, reason=words)]
    for place in places:
        typer.echo(f"The emergency latch of {place.root} is off.")
    revived = [place for place in places if revive(place)]
    for place in revived:
        typer.echo(f"The supervisor of {place.root} starts the engine.")
    if places and not revived and home_of_engine(home) is None:
        typer.echo("No engine runs; start: make start, or make demo")
    return bool(places)


def _resume_breakers(home: Home, who: str, words: str) -> None:
    from ops.engine_request import CONFIRMED_WITHIN_S  # noqa: PLC0415
    from ops.trading_resume import await_resume, request_resume  # noqa: PLC0415

    if not await_resume(home, request_resume(home, who=who, reason=words)):
        seconds = f"{CONFIRMED_WITHIN_S:.0f} s"
        look = f"The engine has not confirmed it within {seconds}; look at"
        _end(f"{look} {home.logs / 'system.log'}", EXIT_NOT_CONFIRMED)


def _asked() -> str:
    """Ask in a terminal; elsewhere there is nobody to ask."""
    return str(typer.prompt("Why is it right to go on?")) if sys.stdin.isatty() else ""


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status)
