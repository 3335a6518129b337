"""``python main.py audit``: who did what, and whether anybody has altered it since."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from core.config import Home

if TYPE_CHECKING:
    from ops.audit.entry import Entry

EXIT_BROKEN = 1

audit_commands = typer.Typer(
    help="Who did what: configuration, stops, resumes, restores, orders by hand.",
    no_args_is_help=True,
)


@audit_commands.command("verify")
def verify_command() -> None:
    """
    Check the chain of logs/audit.jsonl, and that the journal's table is a part of it.

    Exit status 0 when it is whole, 1 when not; then the first broken entry is named.
    """
    from ops.audit.errors import AuditError  # noqa: PLC0415 - `--help` is quick
    from ops.audit.verify import verify  # noqa: PLC0415 - likewise

    try:
        found = verify(Home.from_environment())
    except AuditError as error:
        _end(f"Audit trail: {error}")
    if found.fault:
        _end(f"Audit trail BROKEN: {found.fault}. The {len(found.entries)} before it are sound.")
    kept = "none of them yet" if found.kept is None else f"{found.kept} of them"
    typer.echo(f"Audit trail: {len(found.entries)} entries, whole; the journal has {kept}")
    if found.torn:
        typer.echo(
            f"Its last line is torn ({len(found.torn)} bytes), as by a crash while it was written: "
            "the next entry takes it away and says so"
        )


@audit_commands.command("show")
def show_command(
    last: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="As they are in the file.")] = False,
) -> None:
    """Print the newest entries, oldest of them first; times are UTC."""
    from ops.audit.errors import AuditError  # noqa: PLC0415 - `--help` is quick
    from ops.audit.verify import read_trail  # noqa: PLC0415 - likewise

    try:
        entries = read_trail(Home.from_environment())
    except AuditError as error:
        _end(f"Audit trail: {error}")
    for entry in entries[-last:]:
        typer.echo(entry.line().rstrip("\n") if as_json else _line(entry))
    if not entries and not as_json:
        typer.echo("Nothing has been written down yet.")
    if [entry.sequence for entry in entries] != list(range(1, len(entries) + 1)):
        typer.echo("It is not whole: python main.py audit verify", err=True)


def _line(entry: "Entry") -> str:
    from core.journal.records import utc_text  # noqa: PLC0415 - `--help` is quick
    from ops.audit.entry import one_line  # noqa: PLC0415 - likewise

    # Somebody may have put what is no words into the file.
    who, action, detail = (
        one_line(text, len(text)) for text in (entry.who, entry.action, entry.detail)
    )
    return f"{entry.sequence:>5}  {utc_text(entry.at_ms)}  {action:<8}  {who}  {detail}"


def _end(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(EXIT_BROKEN)
