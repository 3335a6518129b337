"""An empty journal of the newest schema, migrated once for all tests that only need one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from core.journal.database import database_url
from core.journal.journal import Journal


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        Journal.open(database_url(path)).checkpoint_and_close()
        return path.read_bytes()


def ready(place: Path | URL) -> URL:
    """Put an empty journal at a path or SQLite URL unless one is there, and return its URL."""
    path = Path(str(place.database)) if isinstance(place, URL) else place
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return database_url(path)
