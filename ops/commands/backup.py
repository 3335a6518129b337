"""``python main.py backup``, ``restore`` and ``restore-drill``."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from core.config import ConfigError, Home, load_settings
from ops.backup.errors import BackupError
from ops.commands.progress import step_by_step
from ops.processes import Role, RunningError

if TYPE_CHECKING:
    from ops.backup.restore import Restored
    from ops.backup.selection import Selection

EXIT_FAILED = 1
EXIT_UNUSABLE = 2

logger = logging.getLogger(__name__)


def backup_command(
    folder: Annotated[bool, typer.Option("--folder", help="A folder, not one file.")] = False,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="With .env, encrypted by BACKUP_PASSPHRASE.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="All of the journal, however large it becomes.")
    ] = False,
) -> None:
    """
    Back up journal, configuration, prompts and reports, also while the engine runs.

    Exit status: 0 when it was made and opened again, 1 when it cannot be made, 2 when secrets
    are asked for and BACKUP_PASSPHRASE is not set.
    """
    from ops.backup.checking import manifest_of  # noqa: PLC0415 - `--help` is quick
    from ops.backup.create import create_backup  # noqa: PLC0415 - likewise

    home = Home.from_environment()
    home.create()
    selection = _selection(secrets=secrets, whole=whole)
    try:
        with step_by_step() as heard:
            made = create_backup(home, compress=not folder, selection=selection, heard=heard)
        manifest = manifest_of(made)
    except BackupError as error:
        raise _refused(error, EXIT_FAILED) from None
    size = "" if folder else f", {made.stat().st_size:,} bytes"
    typer.echo(f"Backup: {made}{size}, opened again and sound")
    if secrets:
        typer.echo("It holds .env, encrypted: only BACKUP_PASSPHRASE opens it.")
    if manifest.schema is None:
        typer.echo(f"NO JOURNAL IS IN IT: there is no {home.database}{_demo_has_one(home)}")
    if manifest.lacking:
        typer.echo(f"In it {manifest.lacking} (backup.largest_mb; --whole keeps them).")


def _demo_has_one(home: Home) -> str:
    from ops.launch import demo_home  # noqa: PLC0415 - `--help` is quick

    demo = demo_home(home)
    return f"; the demo's: TRADING_HOME={demo.root} make backup" if demo.database.exists() else ""


def restore_command(
    name: Annotated[str, typer.Argument(help="Of a backup in backups/, or latest.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it, change nothing.")] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="End what runs here first, once the backup is checked.")
    ] = False,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Also its .env; BACKUP_PASSPHRASE opens it.")
    ] = False,
) -> None:
    """
    Put journal and reports of a backup in the place of the present ones, which are kept.

    The engine must be stopped. Exit status 2 when the backup cannot be used, 4 while the engine
    runs: nothing has changed then.
    """
    from ops.backup.restore import restore_backup  # noqa: PLC0415 - `--help` is quick

    home = Home.from_environment()
    home.create()
    ended: tuple[str, ...] = ()
    try:
        passphrase = _passphrase() if secrets else None
        with step_by_step() as heard:
            if stop and not dry_run:
                restore_backup(home, name, dry_run=True, passphrase=passphrase, heard=heard)
                heard("ending what runs")
                ended = _ended(home)
            done = restore_backup(home, name, dry_run=dry_run, passphrase=passphrase, heard=heard)
    except BackupError as error:
        raise _refused(error, EXIT_UNUSABLE) from None
    except RunningError as error:
        raise RunningError(f"{error}, or restore with --stop (STOP=1)") from None
    finally:
        for line in ended:
            typer.echo(line)
    _tell(done, dry_run=dry_run)


def restore_drill_command(
    name: Annotated[str, typer.Argument(help="Of a backup in backups/.")] = "latest",
) -> None:
    """
    Restore a backup into a home of its own, compare and compute with it, and delete that again.

    Nothing of this home changes but data/restore_drill.json, which remembers the result. Exit
    status 0 when all held, 1 when something did not, 2 when there is no such backup.
    """
    from ops.backup.drill import remember, restore_drill  # noqa: PLC0415 - `--help` is quick
    from ops.backup.places import backup_named  # noqa: PLC0415 - likewise

    home = Home.from_environment()
    home.create()
    try:
        backup = backup_named(home, name)
    except BackupError as error:
        raise _refused(error, EXIT_UNUSABLE) from None
    with step_by_step() as heard:
        drill = restore_drill(home, backup, heard=heard)
    for line in drill.lines():
        typer.echo(line)
    try:
        remember(home, drill)
    except OSError as error:
        typer.echo(f"The result is not remembered: {error}", err=True)
        raise typer.Exit(EXIT_FAILED) from None
    raise typer.Exit(0 if drill.held else EXIT_FAILED)


def _selection(*, secrets: bool, whole: bool) -> "Selection":
    """Return what is asked for; a broken configuration prevents no backup, but one of secrets."""
    from ops.backup.selection import Selection  # noqa: PLC0415 - likewise

    try:
        settings = load_settings()
    except ConfigError as error:
        if secrets:
            raise
        typer.echo(f"All of the journal is backed up, as the configuration is broken: {error}")
        return Selection()
    chosen = Selection.configured(settings)
    return Selection(
        chosen.candles,
        None if whole else chosen.largest_bytes,
        _passphrase() if secrets else None,
    )


def _passphrase() -> str:
    from ops.backup.passphrase import passphrase_of  # noqa: PLC0415 - likewise

    try:
        return passphrase_of(load_settings())
    except BackupError as error:
        raise _refused(error, EXIT_UNUSABLE) from None


def _ended(home: Home) -> tuple[str, ...]:
    from ops.control import stopped  # noqa: PLC0415 - likewise
    from ops.launch import is_demo_home  # noqa: PLC0415 - likewise

    ended = stopped(home)
    if not ended:
        return ("Nothing was running.",)
    lines = tuple(f"{process.role} (pid {process.pid}) ended by {process.by}" for process in ended)
    again = "make demo" if is_demo_home(home) else "make start"
    if any(process.role is Role.SUPERVISOR for process in ended):
        return (*lines, f"It ran in the background: {again} starts it again.")
    return (*lines, f"It did not run under the supervisor: {again} starts engine and page.")


def _tell(done: "Restored", *, dry_run: bool) -> None:
    rows = sum(done.manifest.rows.values())
    typer.echo(f"{done.backup.name}: of {done.manifest.made_at}, {rows:,} rows, sound")
    if done.migrated:
        typer.echo(f"Its journal is of schema {done.manifest.schema}: migrated")
    if done.manifest.lacking:
        typer.echo(f"In it {done.manifest.lacking}")
    if dry_run:
        typer.echo("Nothing was changed.")
        return
    typer.echo("Restored." + (f" What was there: {done.replaced}" if done.replaced else ""))
    if done.breakers:
        typer.echo(f"Breakers that stay tripped: {', '.join(done.breakers)}; see make resume")
    if done.secrets:
        kept = f"; what was there: {done.secrets.replaced}" if done.secrets.replaced else ""
        typer.echo(f"Secrets: {done.secrets.path}{kept}")


def _refused(error: BackupError, status: int) -> typer.Exit:
    logger.warning("refused: reason=%s", error)
    typer.echo(str(error), err=True)
    return typer.Exit(status)
