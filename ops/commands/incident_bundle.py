"""``python main.py incident-bundle``."""

from pathlib import Path
from typing import Annotated

import typer

from core.config import Home

EXIT_FAILED = 1
EXIT_USAGE = 2


def incident_bundle_command(
    hours: Annotated[float, typer.Option(min=0.1, max=8760, help="Of logs.")] = 24.0,
    output: Annotated[
        Path | None, typer.Option(help="A new file, or a directory; else reports/incidents.")
    ] = None,
    chat: Annotated[bool, typer.Option(help="With the log of the chat.")] = True,
) -> None:
    """
    Pack logs, health, metrics, configuration and versions into one archive, without secrets.

    It works with a broken journal or configuration, and takes half a minute at most. Exit
    status 1 when the archive cannot be written, 2 when there is such a file already.
    """
    from ops.incident.bundle import LOOK_AT, BundleError, incident_bundle  # noqa: PLC0415
    from ops.incident.surroundings import home_of_processes  # noqa: PLC0415

    if output is not None and output.exists() and not output.is_dir():
        typer.echo(f"{output}: is there already", err=True)
        raise typer.Exit(EXIT_USAGE)
    home = home_of_processes(Home.from_environment())
    try:
        made = incident_bundle(home, hours=hours, chat=chat, output=output, say=typer.echo)
    except BundleError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    for one in made.missing:
        typer.echo(f"Left out: {one}")
    typer.echo(f"Incident bundle: {made.path}, {made.path.stat().st_size:,} bytes")
    typer.echo("Keys and passwords are hidden. Before you share it, look at:")
    for line in LOOK_AT:
        typer.echo(f"  {line}")
