"""The journal as SQL text, which any SQLite reads into a new database."""

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from core.config import Home
from ops.backup.errors import BackupError
from ops.backup.snapshot import copy_database, opened_database
from ops.database.errors import DatabaseError

_TELL_EVERY: Final = 50_000  # statements: about a second


def dump(home: Home, target: Path, heard: Callable[[int], None] = lambda _: None) -> int:
    """
    Write the journal of one instant as SQL, also while the engine writes.

    Args:
        home: Whose journal.
        target: A file that gets its name only when it is whole; one that is there is replaced.
        heard: Told now and then how many statements there are.

    Returns:
        The number of statements.

    Raises:
        DatabaseError: If there is no journal, it is damaged, or the file cannot be written.
    """
    if not home.database.is_file():
        raise DatabaseError(f"{home.database}: no such database; nothing has been recorded yet")
    if target.is_dir():
        raise DatabaseError(f"{target}: is a directory")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        # Beside what is written: there is to be room, and the home may be one that is only read.
        with tempfile.TemporaryDirectory(prefix=".dumping-", dir=target.parent) as folder:
            snapshot = Path(folder) / "snapshot.db"
            copy_database(home.database, snapshot)
            written = _write(snapshot, part, heard)
        os.replace(part, target)
    except BackupError as error:  # names the journal
        raise DatabaseError(str(error)) from error
    except sqlite3.Error as error:
        raise DatabaseError(f"{home.database}: {error}") from error
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{target}: cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return written


def _write(snapshot: Path, part: Path, heard: Callable[[int], None]) -> int:
    count = 0
    with (
        closing(opened_database(snapshot)) as connection,
        # Text that is no Unicode comes back as it is.
        part.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file,
    ):
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        for count, statement in enumerate(connection.iterdump(), 1):
            file.write(f"{statement}\n")
            if count % _TELL_EVERY == 0:
                heard(count)
        file.flush()
        os.fsync(file.fileno())
    return count
