"""INSERT ... ON CONFLICT, said alike by both dialects but kept per dialect by SQLAlchemy."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

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
    if rows:
        wanted = _replacing(connection.dialect.name, table, tuple(rows[0]), tuple(fixed))
        connection.execute(wanted, list(rows))


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows whose keys are not known yet."""
    if rows:
        connection.execute(_leaving(connection.dialect.name, table), list(rows))


# Built once for each table: for SQLAlchemy building a statement is more work than running it.
@cache
def _replacing(
    dialect: str, table: Table, names: tuple[str, ...], fixed: tuple[str, ...]
) -> Executable:
    statement = _INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    kept = {*keys, *fixed}
    replaced = {name: statement.excluded[name] for name in names if name not in kept}
    made: Executable = statement.on_conflict_do_update(index_elements=keys, set_=replaced)
    return made


@cache
def _leaving(dialect: str, table: Table) -> Executable:
    made: Executable = _INSERTS[dialect](table).on_conflict_do_nothing()
    return made
