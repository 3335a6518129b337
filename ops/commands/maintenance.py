"""``python main.py maintenance``: what the engine's schedule does, for cron and by hand."""

import os
import signal
from typing import Annotated, NoReturn

import typer

from core.config import Home, load_settings

EXIT_FAILED = 1
EXIT_BUSY = 4
_ENDED_BY_TERM = 143
_NICENESS = 10  # of what nobody waits for


def maintenance_command(
    daily: Annotated[
        bool, typer.Option("--daily", help="Back up and clean up. Without any option: this.")
    ] = False,
    weekly: Annotated[
        bool, typer.Option("--weekly", help="Compact the database, back up, try a restore.")
    ] = False,
    monthly: Annotated[bool, typer.Option("--monthly", help="Report the last month.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only what the schedule says is due by now.")
    ] = False,
) -> None:
    """
    Take care of this home as the engine's schedule does, also while the engine runs.

    One process at a time: it waits up to ten minutes for another one, and does not repeat what
    that one did. While the emergency latch is set it only backs up.

    Exit status: 0 when all was done, 1 when something failed (told, and in
    logs/cache_manager.log), 4 when another process took too long.
    """
    # What a backup has begun is cleared away as after Ctrl-C.
    signal.signal(signal.SIGTERM, _ended)
    home, settings = Home.from_environment(), load_settings()
    home.create()
    from ops.schedule.care import BusyError, Care, Result  # noqa: PLC0415 - `--help` is quick
    from ops.schedule.chores import Step, steps_of  # noqa: PLC0415 - likewise
    from ops.schedule.due import Chore  # noqa: PLC0415 - likewise

    def steps(chore: Chore, *, latched: bool) -> tuple[Step, ...]:
        return steps_of(chore, home, settings, latched=latched)

    def say(result: Result) -> None:
        came = "done" if result.done else "FAILED"
        typer.echo(
            f"{result.chore}: {result.step} {came} in {result.took_s:.1f} s: {result.told}",
            err=not result.done,
        )

    asked = zip((daily, weekly, monthly), Chore, strict=True)
    chores = tuple(chore for wanted, chore in asked if wanted) or (Chore.DAILY,)
    care = Care(home, steps, say=say)
    try:
        if due:
            os.nice(_NICENESS)
            whole = care.do_due(settings.schedule)
        else:
            whole = care.do(chores)
    except BusyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BUSY) from None
    raise typer.Exit(0 if whole else EXIT_FAILED)


def _ended(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(_ENDED_BY_TERM)
