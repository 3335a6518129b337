"""One file of lines, written by several processes at the same time."""

import errno
import os
from pathlib import Path
from typing import Final

ROTATED_FILES: Final = 5


class SharedFile:
    """
    A file of lines that others append to, move or delete at the same time.

    A text is one ``write`` to a descriptor opened for appending, so those of several
    processes never mix. Before each, the path is looked up again: if it no longer
    leads to the open file, it is opened anew. Not for several threads at once.
    """

    def __init__(
        self, path: Path, *, rotate_bytes: int | None = None, kept: int = ROTATED_FILES
    ) -> None:
        """
        Args:
            path: The file; it and its directory are made when first written to.
            rotate_bytes: Size from which the file is moved to ``<stem>.1.log``
                and so on; None leaves that to another process. At most one
                process may rotate.
            kept: How many moved files stay.
        """
        self._path = path
        self._rotate_bytes = rotate_bytes
        self._kept = kept
        self._descriptor: int | None = None
        self._torn = False

    def write(self, text: str) -> int:
        """
        Append a text.

        Raises:
            OSError: If the disk or the directory does not take it; of a piece that it took, the
                line ends before the next text.
        """
        descriptor = self._current()
        line = text.encode("utf-8", "backslashreplace")
        if self._torn:
            line = b"\n" + line
        written = os.write(descriptor, line)
        self._torn = written < len(line)
        if self._torn:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        return written

    def close(self) -> None:
        """Let go of the file; idempotent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            self._torn = False

    def _current(self) -> int:
        """Return a descriptor of the file that the path leads to now."""
        if self._descriptor is not None and not self._is_at_path(self._descriptor):
            self.close()
        descriptor = self._opened()
        if self._rotate_bytes is None or os.fstat(descriptor).st_size < self._rotate_bytes:
            return descriptor
        self.close()
        self._rotate()
        return self._opened()

    def _opened(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = os.open(self._path, flags, 0o644)
        return self._descriptor

    def _is_at_path(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def _rotate(self) -> None:
        for number in range(self._kept - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.stem}.{number}{self._path.suffix}")
