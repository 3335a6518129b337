"""INSERT ... ON CONFLICT, said alike by both dialects but kept per dialect by SQLAlchemy."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: Mapping[str, Callable[[Table], Any]] = MappingProxyType(
    {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
)


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    fixed: Sequence[str] = (),
) -> None:
    """Write rows; where the primary key is known, all but the ``fixed`` columns are replaced."""
    if not rows:
        return
    statement = _INSERTS[connection.dialect.name](table)
    keys = [column.name for column in table.primary_key]
    kept = {*keys, *fixed}
    replaced = {name: statement.excluded[name] for name in rows[0] if name not in kept}
    wanted = statement.on_conflict_do_update(index_elements=keys, set_=replaced)
    connection.execute(wanted, list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows whose keys are not known yet."""
    if rows:
        statement = _INSERTS[connection.dialect.name](table)
        connection.execute(statement.on_conflict_do_nothing(), list(rows))
