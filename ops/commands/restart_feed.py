"""``python main.py restart-feed``: new sockets for a running engine, without ending it."""

import typer

from core.config import Home
from ops.running_engine import home_of_engine

EXIT_NOT_CONFIRMED = 1
EXIT_NOT_RUNNING = 3


def restart_feed_command() -> None:
    """Replace every socket of the running engine. Exit status 3 when no engine runs."""
    from ops.audit.account import this_account  # noqa: PLC0415 - `--help` is quick
    from ops.audit.entry import Action  # noqa: PLC0415 - likewise
    from ops.audit.trail import append_audit  # noqa: PLC0415 - likewise
    from ops.engine_request import CONFIRMED_WITHIN_S  # noqa: PLC0415 - likewise
    from ops.feed_restart import await_restart, request_restart  # noqa: PLC0415 - likewise

    home = home_of_engine(Home.from_environment())
    if home is None:
        typer.echo("No engine runs (start: make start, or make demo).", err=True)
        raise typer.Exit(EXIT_NOT_RUNNING)
    number = request_restart(home)
    append_audit(home, Action.MANUAL, who=this_account(), detail="the feed's sockets replaced")
    if await_restart(home, number):
        typer.echo("The engine replaces its sockets.")
        return
    typer.echo(
        f"The engine has not confirmed it within {CONFIRMED_WITHIN_S:.0f} s; "
        f"look at {home.logs / 'system.log'}",
        err=True,
    )
    raise typer.Exit(EXIT_NOT_CONFIRMED)
