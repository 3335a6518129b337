"""Runs Alembic inside the program: no ini file, no command line, no logging set-up."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect

from core.journal.database import place, transaction
from core.journal.errors import JournalError
from core.journal.revisions import back_up, refuse_newer, revision_of
from core.journal.schema_pin import refuse_pinned
from core.journal.tables import REVISION

SCRIPTS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Return what Alembic needs to know; ``env.py`` uses the connection it carries."""
    config = Config()
    # Alembic interpolates "%" in options.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> None:
    """
    Bring a new or older database to our revision, in one transaction.

    An older one is first copied to ``<database>.pre_migration``. Of two processes
    that start at once the second waits, and then finds nothing to do.

    Raises:
        PinnedJournalError: If its schema was rolled back and is pinned.
        JournalError: If the database is newer than the code, is no database,
            or cannot be copied or written.
    """
    with transaction(engine) as connection:
        found = revision_of(connection)
        refuse_newer(found, place(engine))
        if found == REVISION:
            return
        if engine.dialect.name == "sqlite":
            refuse_pinned(Path(str(engine.url.database)), found)
        if inspect(connection).get_table_names():
            back_up(engine)
        try:
            command.upgrade(alembic_config(connection), "head")
        except CommandError as error:
            raise JournalError(f"{place(engine)}: {error}") from error
