"""The journal's size and schema."""

from collections.abc import Callable
from pathlib import Path

from core.journal.errors import JournalError
from core.journal.table_sizes import SizeReader
from ui.shell.account import Opened
from ui.system.facts import Facts, Row, bytes_words
from ui.view import View


class DatabaseReader:
    """
    Args:
        path: Of the SQLite file.
        journal: Opens it.
    """

    def __init__(self, path: Path, journal: Callable[[], SizeReader]) -> None:
        self._path = path
        self._opened = Opened(journal)

    def database(self, _: View) -> Facts:
        """Read it."""
        try:
            journal = self._opened.journal()
            if journal is None:
                return Facts(note="There is no journal yet: the engine makes it when it starts.")
            rows = [
                Row(("Revision of the schema", journal.revision())),
                Row(("File", _size(self._path))),
                Row(("Write-ahead log", _size(Path(f"{self._path}-wal")))),
            ]
            for table in journal.tables():
                about = "" if table.is_exact else "about "
                count = f"{table.rows:,}".replace(",", "\u2009")
                rows.append(Row((f"Rows of {table.name}", f"{about}{count}")))
        except JournalError as error:
            return Facts(note=f"The journal cannot be read: {error}")
        return Facts(tuple(rows), f"{self._path}")


def _size(path: Path) -> str:
    try:
        return bytes_words(path.stat().st_size)
    except OSError:
        return "none"
