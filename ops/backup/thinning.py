"""
Makes room in the copy of a journal that is too large for its backup.

Of a decision nearly all bytes are its features and votes, some 70 numbers that do not compress.
Three symbols at 15m make 26,000 decisions in the 90 days that they are kept: 20 MB and more.
The oldest go without them, as many as it takes; what they decided, and why, stays.
"""

import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.backup.snapshot import opened_database

_DETAIL = "coalesce(features, '') || coalesce(votes, '')"
# Where there are features, nobody need read them all to know.
_IS_WHOLE = "(features IS NOT NULL OR coalesce(votes, '[]') NOT IN ('', '[]'))"
_EMPTY = (
    "UPDATE decisions SET features = NULL, votes = iif(votes IS NULL, NULL, '[]') "  # noqa: S608
    f"WHERE open_time_ms <= ? AND {_IS_WHOLE}"
)
_SAMPLED: Final = 256  # rows: more than the window of gzip holds, so that it compresses as there
_CAUTION: Final = 1.3  # by which more may be saved than a sample tells: the first cut is too small
_PIECES: Final = 12
_PIECE_BYTES: Final = 1 << 19  # far more than the window of gzip
_SPARE: Final = 0.01  # of the size that is aimed at


def packed_guess(path: Path) -> int:
    """
    Guess the size of a compressed file from pieces of it, evenly taken; a few per cent off.

    Raises:
        OSError: If it cannot be read.
    """
    size = path.stat().st_size
    step = max(size // _PIECES, _PIECE_BYTES)
    read = packed = 0
    with path.open("rb") as file:
        for start in range(0, size, step):
            file.seek(start)
            piece = file.read(_PIECE_BYTES)
            read += len(piece)
            packed += len(zlib.compress(piece))
    return packed * size // max(read, 1)


@dataclass(frozen=True, slots=True)
class Thinned:
    """
    What was emptied.

    Attributes:
        before_ms: Decisions on bars that opened earlier are not whole any more.
        rows: How many were emptied now.
    """

    before_ms: int
    rows: int


def thin(
    database: Path, excess_bytes: int, largest_bytes: int, saved_by_row: float | None = None
) -> Thinned | None:
    """
    Empty features and votes of the oldest decisions, and compact the file.

    Args:
        database: A copy that nobody else uses.
        excess_bytes: How much smaller its compressed form has to be.
        largest_bytes: That it may have then.
        saved_by_row: As seen when this was last done; by default guessed so that too little goes.

    Returns:
        None when there was nothing left to empty.

    Raises:
        sqlite3.Error: If it cannot be read or written.
    """
    with closing(opened_database(database)) as connection:
        whole = connection.execute(
            f"SELECT id FROM decisions WHERE {_IS_WHOLE} ORDER BY open_time_ms, id"  # noqa: S608
        ).fetchall()
        if not whole:
            return None
        ids = [int(row_id) for (row_id,) in whole]
        row_bytes = saved_by_row or _CAUTION * _packed_bytes(connection, ids)
        aim = excess_bytes + _SPARE * largest_bytes
        count = min(int(aim / max(row_bytes, 1.0)) + 1, len(ids))
        return _emptied(connection, ids[count - 1])


def _packed_bytes(connection: sqlite3.Connection, ids: list[int]) -> float:
    """Return how many bytes the details of one decision are once compressed."""
    middle = max((len(ids) - _SAMPLED) // 2, 0)
    sample = ids[middle : middle + _SAMPLED]
    packer, packed = zlib.compressobj(), 0
    for row_id in sample:
        (text,) = connection.execute(
            f"SELECT {_DETAIL} FROM decisions WHERE id = ?",  # noqa: S608
            (row_id,),
        ).fetchone()
        packed += len(packer.compress(str(text).encode()))
    return (packed + len(packer.flush())) / len(sample)


def _emptied(connection: sqlite3.Connection, last_id: int) -> Thinned:
    (last_ms,) = connection.execute(
        "SELECT open_time_ms FROM decisions WHERE id = ?", (last_id,)
    ).fetchone()
    with connection:
        emptied = connection.execute(_EMPTY, (last_ms,))
    connection.execute("VACUUM")
    return Thinned(int(last_ms) + 1, emptied.rowcount)
