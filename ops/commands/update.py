"""``python main.py update``: after new code was checked out."""

from contextlib import ExitStack

import typer

from core.config import Home, load_settings

EXIT_FAILED = 1
EXIT_BUSY = 4


def update_command() -> None:
    """
    Take the code that is checked out into use: back up, migrate, check, restart what ran.

    Each step is told with its result. What fails is taken back: the journal is put back as it was
    before the migration, and it is said how to go back to the code from before.

    Exit status: 0 done; 1 failed, and taken back; 2 the configuration does not fit the new code,
    nothing has changed; 4 another process updates or maintains this home for too long.
    """
    home = Home.from_environment()
    load_settings()
    home.create()
    from ops.schedule.care import PATIENCE_S, BusyError, alone  # noqa: PLC0415
    from ops.update.means import Means  # noqa: PLC0415 - `--help` is quick
    from ops.update.update import Update, UpdateError  # noqa: PLC0415 - likewise

    try:
        with ExitStack() as place:
            try:
                place.enter_context(alone(home, 0.0))
            except BusyError as error:
                typer.echo(f"Waiting, at most {PATIENCE_S / 60.0:.0f} min: {error}")
                place.enter_context(alone(home, PATIENCE_S))
            Update(home, typer.echo, Means()).run()
    except BusyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_BUSY) from None
    except UpdateError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo("Updated. Status: make status")
