"""An empty journal of the newest schema, migrated once for all tests that only need one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.journal.database import database_url
from core.journal.journal import Journal


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        Journal.open(database_url(path)).checkpoint_and_close()
        return path.read_bytes()


def ready(path: Path) -> str:
    """Put an empty journal at ``path`` unless one is there, and return its URL."""
    if not path.exists():
        path.write_bytes(_migrated())
    return database_url(path)
