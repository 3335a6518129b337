"""Which schema a database has, and how an older one becomes ours."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from core.journal.database import place
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.tables import REVISION

BACKUP_SUFFIX = ".pre_migration"
_VERSION_TABLE = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """Return the schema revision; None when the database was never migrated."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    return None if found is None else str(found)


def check_revision(connection: Connection) -> None:
    """
    Make sure that this program understands the database.

    Raises:
        EmptyJournalError: If it has no tables at all.
        JournalError: If it is older or newer than the code, or no journal.
    """
    where = place(connection.engine)
    found = revision_of(connection)
    if found is None:
        if not inspect(connection).get_table_names():
            raise EmptyJournalError(f"{where}: an empty database; nothing has been recorded yet")
        raise JournalError(f"{where}: has tables, but they are not a journal's")
    refuse_newer(found, where)
    if found < REVISION:
        raise JournalError(
            f"{where}: its schema revision {found} is older than this program's {REVISION}; "
            "the engine migrates it when it starts"
        )


def refuse_newer(found: str | None, where: str) -> None:
    """
    Leave alone what a newer program wrote.

    Raises:
        JournalError: If ``found`` is beyond our own revision.
    """
    if found is not None and found > REVISION:
        raise JournalError(
            f"{where}: its schema revision {found} is newer than this program's {REVISION}"
        )


def back_up(engine: Engine) -> None:
    """
    Copy a SQLite database, as it is now, to ``<database>.pre_migration``.

    The copy is complete or absent: it is written beside and then renamed.

    Raises:
        JournalError: If the copy cannot be written.
    """
    if engine.dialect.name != "sqlite":
        return  # a server's operator has backups of their own
    database = Path(str(engine.url.database))
    target = database.with_name(database.name + BACKUP_SUFFIX)
    part = database.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
        os.replace(part, target)
    except (OSError, sqlite3.Error) as error:
        raise JournalError(f"{target}: the backup before a migration failed: {error}") from error
