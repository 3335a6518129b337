"""Old signals leave the journal for Parquet files by month; none before its file is on the disk."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from sqlalchemy import JSON, Column, Engine, Float, Integer, delete, select

from core.journal.database import transaction
from core.journal.tables import SIGNALS
from core.synced_directory import sync_directory

logger = logging.getLogger(__name__)

_BATCH_ROWS: Final = 2_000  # 1 kB each; at most 25 ms of deleting here
_MONTH: Final = len("2026-11")
_OWN_KEY: Final = ("id", "symbol", "interval", "open_time_ms", "strategy")
"""What makes a signal the same: after a restore of an older journal a number can come again."""


def _kind(column: Column[Any]) -> pa.DataType:
    if isinstance(column.type, Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, Float) else pa.string()


_SCHEMA: Final = pa.schema([(column.name, _kind(column)) for column in SIGNALS.c])
_JSON: Final = tuple(column.name for column in SIGNALS.c if isinstance(column.type, JSON))


def archive_dir(database: Path) -> Path:
    """Return where the archive of a journal is."""
    return database.parent / "archive"


def archive_signals(engine: Engine, before_ms: int) -> int:
    """
    Move signals that were decided before an instant into ``archive/signals_YYYY-MM.parquet``.

    A file is replaced whole, and on the disk before anything is deleted; a crash in between
    leaves signals in both places, and the next time they are only deleted. Numbers are never
    given again. A journal on a server keeps its signals.

    Args:
        engine: Of the journal.
        before_ms: Feed time.

    Returns:
        How many have left the journal; none when the archive cannot be written, which is logged.

    Raises:
        JournalError: If the journal cannot be read or written.
    """
    if engine.dialect.name != "sqlite":
        return 0
    folder = archive_dir(Path(str(engine.url.database)))
    moved = 0
    try:
        while rows := _oldest(engine, before_ms):
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(folder / ".lock", timeout=0):
                _keep(folder, rows)
            _forget(engine, rows)
            moved += len(rows)
    except Timeout:
        return moved  # another process is at it
    except (OSError, pa.ArrowException) as error:
        logger.warning("old signals stay in the journal: folder=%s reason=%s", folder, error)
    return moved


def _oldest(engine: Engine, before_ms: int) -> list[dict[str, Any]]:
    c = SIGNALS.c
    statement = select(SIGNALS).where(c.decided_ms < before_ms)
    with transaction(engine) as connection:
        rows = connection.execute(statement.order_by(c.decided_ms).limit(_BATCH_ROWS)).all()
    return [_flat(dict(row._mapping)) for row in rows]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: json.dumps(row[name]) for name in _JSON}}


def _forget(engine: Engine, rows: Iterable[Mapping[str, Any]]) -> None:
    numbers = [row["id"] for row in rows]
    with transaction(engine) as connection:
        connection.execute(delete(SIGNALS).where(SIGNALS.c.id.in_(numbers)))


def _keep(folder: Path, rows: list[dict[str, Any]]) -> None:
    ordered = sorted(rows, key=_month)
    for month, of_month in groupby(ordered, key=_month):
        _merge(folder / f"signals_{month}.parquet", list(of_month))


def _month(row: Mapping[str, Any]) -> str:
    return str(row["created_at"])[:_MONTH]


def _merge(path: Path, rows: list[dict[str, Any]]) -> None:
    kept = _read(path)
    known = {_key(row) for row in kept}
    new = [row for row in rows if _key(row) not in known]
    if not new:
        return
    together = sorted([*kept, *new], key=lambda row: (row["decided_ms"], row["id"]))
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        table = pa.Table.from_pylist(together, schema=_SCHEMA)
        pq.write_table(table, file, write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    sync_directory(path.parent)


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        # Without the sums one wrong bit in four would be read as if it had been written.
        table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
        return list(table.to_pylist())
    except (pa.ArrowInvalid, OSError) as error:
        if getattr(error, "errno", None) is not None:
            raise  # the disk's fault and not the file's, which Arrow tells without a number
        aside = _free(path)
        logger.warning("archive set aside: file=%s reason=%s", aside, error)
        os.replace(path, aside)
        return []


def _free(path: Path) -> Path:
    number = 1
    while (aside := path.with_suffix(f".damaged-{number}")).exists():
        number += 1
    return aside


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _OWN_KEY)
