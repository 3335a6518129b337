"""One file of lines, written by several processes at the same time."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from ops.logs.rotation import Rotation


class SharedFile:
    """
    A file of lines that others append to, move or delete at the same time.

    A text is one ``write`` to a descriptor opened for appending, so those of several
    processes never mix. Before each, the path is looked up again: if it no longer
    leads to the open file, it is opened anew. Not for several threads at once.
    """

    def __init__(self, path: Path, rotation: Rotation | None = None) -> None:
        """
        Args:
            path: The file; it and its directory are made when first written to.
            rotation: When the file is put aside; None for never. Of several writers
                who find it due, the one that gets the lock on the file does it.
        """
        self._path = path
        self._rotation = rotation
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
        if self._rotation is not None and self._rotation.due(os.fstat(descriptor)):
            self._rotate(descriptor, self._rotation)
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

    def _rotate(self, descriptor: int, rotation: Rotation) -> None:
        """Put the file aside unless another is at it; what then fails is tried at the next text."""
        with suppress(OSError):  # also of a file system without locks: the text is what matters
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._is_at_path(descriptor):
                self._path.rename(rotation.aside(self._path, os.fstat(descriptor)))
            self.close()  # and with it the lock
            rotation.expire(self._path)
