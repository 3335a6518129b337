"""What all that reads the journal has in common: connections that write nothing."""

from sqlalchemy import URL, Engine

from core.journal.database import Access, open_engine, transaction
from core.journal.revisions import check_revision


def open_for_reading(url: str | URL) -> Engine:
    """
    Prepare connections that write nothing, to a database this program understands.

    Raises:
        MissingJournalError: If there is no database.
        EmptyJournalError: If it holds no table.
        JournalError: If it is damaged, or older or newer than the code.
    """
    engine = open_engine(url, Access.READ)
    with transaction(engine) as connection:
        check_revision(connection)
    return engine


class Rows:
    """Connections to a journal that is only read; never blocks a writer, safe from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
