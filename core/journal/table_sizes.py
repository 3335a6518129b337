"""How large the journal is, without counting every row."""

from dataclasses import dataclass

from sqlalchemy import URL, Connection, Table, func, select

from core.journal.database import transaction
from core.journal.reading import Rows, open_for_reading
from core.journal.revisions import revision_of
from core.journal.tables import METADATA

_COUNTED = 20_000
"""Rows that are counted one by one where they have no number."""


@dataclass(frozen=True, slots=True)
class TableSize:
    """
    Attributes:
        rows: How many there are.
        is_exact: Whether that is so; else it is by their numbers, where deleted ones count, or
            there are more.
    """

    name: str
    rows: int
    is_exact: bool


class SizeReader(Rows):
    """Read sizes; every method raises `JournalError`."""

    @classmethod
    def open(cls, url: str | URL) -> "SizeReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def revision(self) -> str:
        """Return the revision of the schema."""
        with transaction(self._engine) as connection:
            return revision_of(connection) or ""

    def tables(self) -> tuple[TableSize, ...]:
        """Return the size of each table, by name."""
        with transaction(self._engine) as connection:
            tables = sorted(METADATA.tables.values(), key=lambda table: table.name)
            return tuple(_size(connection, table) for table in tables)


def _size(connection: Connection, table: Table) -> TableSize:
    if "id" in table.c:
        lowest, highest = connection.execute(
            select(func.min(table.c.id), func.max(table.c.id))
        ).one()
        return TableSize(
            table.name, 0 if highest is None else highest - lowest + 1, highest is None
        )
    some = select(next(iter(table.c))).limit(_COUNTED).subquery()
    rows = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return TableSize(table.name, rows, rows < _COUNTED)
