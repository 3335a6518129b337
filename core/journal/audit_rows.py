"""The audit trail's copy in the journal: who did what, beside what it is about."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, delete, func, inspect, select

from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.records import utc_text
from core.journal.tables import AUDIT
from core.journal.upserts import insert_new

PATIENCE_MS: Final = 1_000
"""Whoever acts does not wait long for the copy: the file has the entry already."""

_COLUMNS: Final = ("sequence", "at_ms", "who", "action", "detail", "previous", "hash")


class AuditRows:
    """
    Read and fill the table; every method raises `JournalError`.

    Args:
        database: A SQLite journal; one that is absent is not made.
        patience_ms: For how long it waits for somebody else's transaction.
    """

    def __init__(self, database: Path, patience_ms: int = PATIENCE_MS) -> None:
        self._database = database
        self._patience_ms = patience_ms

    def after(self, sequence: int) -> tuple[Mapping[str, Any], ...] | None:
        """Return the rows beyond a number, oldest first; None where there is no such table yet."""
        wanted = select(*(AUDIT.c[name] for name in _COLUMNS)).where(AUDIT.c.sequence > sequence)
        if not self._database.exists():
            return None
        with self._opened(Access.READ) as engine, transaction(engine) as connection:
            if not inspect(connection).has_table(AUDIT.name):
                return None
            rows = connection.execute(wanted.order_by(AUDIT.c.sequence))
            return tuple(dict(row._mapping) for row in rows)

    def has_all_up_to(self, sequence: int, sum_of_last: str) -> bool:
        """Whether the table ends with that entry and none before it is missing; reads no rows."""
        c = AUDIT.c
        told = select(func.count(), func.max(c.sequence))
        last = select(c.hash).where(c.sequence == sequence)
        with self._opened(Access.READ) as engine, transaction(engine) as connection:
            if tuple(connection.execute(told).one()) != (sequence, sequence):
                return False
            return connection.execute(last).scalar() == sum_of_last

    def add(self, entries: Sequence[Mapping[str, Any]], *, afresh: bool = False) -> None:
        """
        Add rows that are not there yet, all or none.

        Args:
            entries: With every column but ``created_at``.
            afresh: Forget what is there first: it is of another trail.
        """
        rows = [{**entry, "created_at": utc_text(entry["at_ms"])} for entry in entries]
        with self._opened(Access.DURABLE) as engine, transaction(engine) as connection:
            if afresh:
                connection.execute(delete(AUDIT))
            insert_new(connection, AUDIT, rows)

    @contextmanager
    def _opened(self, access: Access) -> Iterator[Engine]:
        engine = open_engine(database_url(self._database), access, patience_ms=self._patience_ms)
        try:
            yield engine
        finally:
            engine.dispose()
