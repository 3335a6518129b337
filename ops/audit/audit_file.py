"""``logs/audit.jsonl``: a line for each entry, written by one process at a time."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.audit.entry import Entry, EntryError, entry_of_line
from ops.audit.errors import AuditError

AUDIT_FILE: Final = "audit.jsonl"
PATIENCE_S: Final = 2.0
"""For how long a process waits for another one that writes; an entry takes milliseconds."""
_POLL_S: Final = 0.01
_TAIL_BYTES: Final = 1 << 16
"""Read from the end first; the longest entry has some 26,000 (all of it escaped)."""


@dataclass(frozen=True, slots=True)
class Tail:
    """
    How a file ends.

    Attributes:
        last: The last entry that can be read; None when there is none.
        torn: What stands behind the last whole line and is no entry, as a crash leaves it.
        whole_bytes: Length of the file without ``torn``.
        end: What the last line lacks before another one can follow.
    """

    last: Entry | None
    torn: bytes
    whole_bytes: int
    end: str = ""


class AuditFile:
    """The file while this process alone writes it; made by `held`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def tail(self) -> Tail:
        """Return how the file ends."""
        size = os.fstat(self._descriptor).st_size
        start = max(size - _TAIL_BYTES, 0)
        found = self._tail(start, size)
        # All of it may be lines that somebody has broken.
        return found if found.last or start == 0 else self._tail(0, size)

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry that can be read, oldest first."""
        size = os.fstat(self._descriptor).st_size
        whole = os.pread(self._descriptor, size, 0)
        return tuple(found for line in whole.split(b"\n") if (found := _read(line)))

    def append(self, lines: str, after_bytes: int) -> None:
        """
        Write lines behind a length of the file, for good, or leave it at that length.

        Raises:
            OSError: If the disk does not take them.
        """
        raw = lines.encode("ascii")
        os.ftruncate(self._descriptor, after_bytes)
        try:
            self._put(raw, after_bytes)
        except OSError:
            os.ftruncate(self._descriptor, after_bytes)
            raise

    def _put(self, raw: bytes, at: int) -> None:
        if os.pwrite(self._descriptor, raw, at) < len(raw):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        os.fsync(self._descriptor)

    def _tail(self, start: int, size: int) -> Tail:
        whole, _, torn = os.pread(self._descriptor, size - start, start).rpartition(b"\n")
        complete = _read(torn)
        if complete:
            return Tail(complete, b"", size, end="\n")
        lines = whole.split(b"\n")
        last = next((found for line in reversed(lines) if (found := _read(line))), None)
        return Tail(last, torn, size - len(torn))


@contextmanager
def held(path: Path, patience_s: float = PATIENCE_S) -> Iterator[AuditFile]:
    """
    Hold the file, so that nobody else writes; it and its directory are made when absent.

    Raises:
        AuditError: If another process holds it for longer than ``patience_s``.
        OSError: If it cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    until_s = time.monotonic() + patience_s
    descriptor = _locked(path, lambda: time.monotonic() < until_s)
    try:
        yield AuditFile(path, descriptor)
    finally:
        os.close(descriptor)  # which lets go of the lock too


def _locked(path: Path, patient: Callable[[], bool]) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if not patient():
                        raise AuditError(f"{path}: another process holds it") from None
                    time.sleep(_POLL_S)
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was moved meanwhile


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _read(line: bytes) -> Entry | None:
    """Return what a line says; None where it is no entry."""
    try:
        return entry_of_line(line)
    except EntryError:
        return None
