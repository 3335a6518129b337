"""What is known of the journal without its rows: schema, counts, sizes."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

_WAIT_S: Final = 1.0
_LOOK_S: Final = 6.0
_STEPS: Final = 10_000
"""Of SQLite's machine between two looks at the clock: well under a millisecond."""


def journal_shape(database: Path) -> str:
    """
    Return tables with their rows, the schema, and the sizes of the files.

    Raises:
        sqlite3.Error: If it cannot be read, or not in time.
    """
    return "\n".join(_lines(database))


def _lines(database: Path) -> Iterator[str]:
    files = sorted(database.parent.glob(f"{database.name}*"))
    if database not in files:
        yield "there is no journal"
        return
    for path in files:
        yield f"{path.name}: {path.stat().st_size:,} bytes"
    until_s = time.monotonic() + _LOOK_S
    address = f"{database.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_S)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > until_s, _STEPS)
        for pragma in ("journal_mode", "page_count", "freelist_count", "user_version"):
            yield f"{pragma}: {connection.execute(f'PRAGMA {pragma}').fetchone()[0]}"
        schema = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
        ).fetchall()
        for kind, name, _ in schema:
            if kind == "table":
                yield f"{name}: {_rows(connection, name)} rows"
        if any(name == "alembic_version" for _, name, _ in schema):
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            yield f"schema: {version}"
        yield from (f"\n{sql};" for _, _, sql in schema)


def _rows(connection: sqlite3.Connection, table: str) -> str:
    quoted = table.replace('"', '""')
    try:
        found = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()  # noqa: S608
    except sqlite3.Error as error:  # the others may be whole
        return f"not counted ({error})"
    return f"{found[0]:,}"
