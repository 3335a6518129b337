"""``python main.py db``: check, compact, dump and roll back the journal."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from core.config import Home

EXIT_FAILED = 1
EXIT_UNUSABLE = 2

db_commands = typer.Typer(
    help="Check, compact, dump and roll back the journal.", no_args_is_help=True
)


@db_commands.command("check")
def check_command() -> None:
    """
    Look at every page of the journal, also while the engine runs.

    Exit status 0 when it is sound, 1 when not, 2 when there is none.
    """
    from ops.database.care import check  # noqa: PLC0415 - `--help` is quick

    with _one_line():
        found = check(Home.from_environment())
    for fault in found.faults:
        typer.echo(f"DAMAGED: {fault}", err=True)
    if found.faults:
        typer.echo("The engine sets it aside when it starts, and names the backup.", err=True)
        raise typer.Exit(EXIT_FAILED)
    for table, rows in found.rows.items():
        typer.echo(f"{table:<20} {rows:>12,} rows")
    typer.echo(
        f"ok  schema {found.revision or 'none'}  {found.file_bytes:,} bytes, of them "
        f"{found.free_bytes:,} free; write-ahead file {found.wal_bytes:,} bytes"
    )


@db_commands.command("optimize")
def optimize_command(
    compact: Annotated[
        bool, typer.Option("--compact", help="VACUUM too; the engine must be stopped.")
    ] = False,
) -> None:
    """Refresh statistics (ANALYZE) and empty the write-ahead file, also while the engine runs."""
    from ops.database.care import optimize  # noqa: PLC0415 - `--help` is quick

    with _one_line():
        done = optimize(Home.from_environment(), compact=compact)
    what = "Compacted and optimized" if done.compacted else "Optimized"
    typer.echo(f"{what}: {done.before_bytes:,} -> {done.after_bytes:,} bytes")


@db_commands.command("dump")
def dump_command(
    output: Annotated[
        Path | None, typer.Option("--output", help="A file; without one it goes to the terminal.")
    ] = None,
) -> None:
    """
    Write the journal as SQL text, also while the engine runs.

    A file gets its name only when it is whole; sqlite3 new.db < dump.sql reads it.
    """
    from ops.database.dump import dump  # noqa: PLC0415 - `--help` is quick

    home = Home.from_environment()

    def heard(statements: int) -> None:
        typer.echo(f"{statements:,} statements ...", err=True)

    with _one_line():
        if output is not None:
            count = dump(home, output, heard)
            typer.echo(f"{output}: {count:,} statements, {output.stat().st_size:,} bytes")
            return
        with tempfile.TemporaryDirectory(prefix="dump-") as folder:
            whole = Path(folder) / "dump.sql"
            dump(home, whole, heard)
            _print(whole)


@db_commands.command("rollback")
def rollback_command() -> None:
    """
    End what runs, and put the journal from before the last migration back.

    What it replaces is kept as a backup. The schema is pinned then: this version does not migrate
    it again before `db unpin`. Exit status 2 when there is nothing to go back to; nothing has
    changed then, but that the processes have ended.
    """
    from ops.audit.account import this_account  # noqa: PLC0415 - `--help` is quick
    from ops.control import stopped  # noqa: PLC0415 - likewise
    from ops.database.rollback import pre_migration, roll_back  # noqa: PLC0415 - likewise

    home = Home.from_environment()
    if not pre_migration(home).is_file():
        _end(f"{pre_migration(home)}: not there: no migration can be rolled back")
    for process in stopped(home):
        typer.echo(f"{process.role} (pid {process.pid}) ended by {process.by}")
    with _one_line():
        done = roll_back(home, who=this_account())
    typer.echo(f"The journal is that of schema {done.schema} again, {done.rows:,} rows.")
    if done.replaced:
        typer.echo(f"What was there: {done.replaced}")
    typer.echo(
        f"Schema {done.schema} is pinned: run the version that wrote it. This one refuses to "
        "migrate it until: python main.py db unpin"
    )


@db_commands.command("unpin")
def unpin_command() -> None:
    """Let the next start of the engine migrate a journal that was rolled back."""
    from ops.audit.account import this_account  # noqa: PLC0415 - `--help` is quick
    from ops.database.rollback import unpin  # noqa: PLC0415 - likewise

    if unpin(Home.from_environment(), who=this_account()):
        typer.echo("The schema is not pinned any more: the engine migrates when it starts.")
    else:
        typer.echo("The schema was not pinned.")


@db_commands.command("new")
def new_command() -> None:
    """
    Let the engine begin an empty journal after a damaged one was set aside.

    Exit status 2 when there is a journal.
    """
    from ops.audit.account import this_account  # noqa: PLC0415 - `--help` is quick
    from ops.audit.entry import Action  # noqa: PLC0415 - likewise
    from ops.audit.trail import append_audit  # noqa: PLC0415 - likewise
    from ops.database.damage import start_empty  # noqa: PLC0415 - likewise

    home = Home.from_environment()
    if not start_empty(home):
        _end(f"{home.database}: is there; to begin anew, move it away while nothing runs")
    append_audit(home, Action.MANUAL, who=this_account(), detail="db new: an empty journal")
    typer.echo("The next start of the engine begins an empty journal: make start")


def _print(path: Path) -> None:
    try:
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(EXIT_FAILED) from None


@contextmanager
def _one_line() -> Iterator[None]:
    from ops.database.errors import DatabaseError  # noqa: PLC0415 - `--help` is quick

    try:
        yield
    except DatabaseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_UNUSABLE) from None


def _end(words: str) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(EXIT_UNUSABLE)
