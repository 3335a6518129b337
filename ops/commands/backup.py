"""``python main.py backup`` and ``restore``."""

from typing import Annotated

import typer

from core.config import Home
from ops.backup.errors import BackupError

EXIT_UNUSABLE = 2


def backup_command(
    folder: Annotated[bool, typer.Option("--folder", help="A folder, not one file.")] = False,
) -> None:
    """Back up journal, configuration and reports, also while the engine runs."""
    from ops.backup.create import create_backup  # noqa: PLC0415 - `--help` is quick

    home = Home.from_environment()
    home.create()
    try:
        made = create_backup(home, compress=not folder)
    except BackupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    size = "" if folder else f", {made.stat().st_size:,} bytes"
    typer.echo(f"Backup: {made}{size}, opened again and sound")


def restore_command(
    name: Annotated[str, typer.Argument(help="Of a backup in backups/, or latest.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it, change nothing.")] = False,
) -> None:
    """
    Put journal and reports of a backup in the place of the present ones, which are kept.

    The engine must be stopped. Exit status 2 when the backup cannot be used; nothing has
    changed then.
    """
    from ops.backup.restore import restore_backup  # noqa: PLC0415 - `--help` is quick

    home = Home.from_environment()
    home.create()
    try:
        done = restore_backup(home, name, dry_run=dry_run)
    except BackupError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_UNUSABLE) from None
    rows = sum(done.manifest.rows.values())
    typer.echo(f"{done.backup.name}: of {done.manifest.made_at}, {rows:,} rows, sound")
    if done.migrated:
        typer.echo(f"Its journal is of schema {done.manifest.schema}: migrated")
    if dry_run:
        typer.echo("Nothing was changed.")
        return
    typer.echo("Restored." + (f" What was there: {done.replaced}" if done.replaced else ""))
    if done.breakers:
        typer.echo(f"Breakers that stay tripped: {', '.join(done.breakers)}; see make resume")
