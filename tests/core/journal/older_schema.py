"""A journal as an older program left it."""

from pathlib import Path

from alembic import command

from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.migration import alembic_config


def written_at(path: Path, revision: str) -> Path:
    """Make an empty journal of that schema revision, and let go of it."""
    engine = open_engine(database_url(path), Access.DURABLE)
    with transaction(engine) as connection:
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()
    return path
