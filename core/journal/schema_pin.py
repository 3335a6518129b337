"""Keeps a journal at an older schema: after a rollback no program migrates it by itself."""

from pathlib import Path

from core.journal.errors import PinnedJournalError
from core.journal.tables import REVISION


def pin_file(database: Path) -> Path:
    """Return what pins the schema of a database by being there; its words are for people."""
    return database.with_name("schema.pin")


def refuse_pinned(database: Path, found: str | None) -> None:
    """
    Leave a pinned schema as it is.

    Args:
        database: Whose journal is about to be migrated, or replaced by one that was.
        found: The revision it comes from; None for an empty one, which nobody pins.

    Raises:
        PinnedJournalError: If it is pinned.
    """
    pin = pin_file(database)
    if found is not None and pin.exists():
        raise PinnedJournalError(
            f"{pin}: the journal was rolled back and stays at its schema; this program would "
            f"migrate {found} to {REVISION}: run the older version, or let it be migrated: "
            "python main.py db unpin"
        )
