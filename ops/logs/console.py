"""
Keeps what processes print within bounds: in size, and free of secrets.

``console.log`` is an open file of processes we do not control any more: it cannot be moved from
under them, so it is copied aside and emptied in place.
"""

import fcntl
import io
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

from ops.logs.rotation import Rotation

MOST_BYTES: Final = 5_000_000
_KEPT: Final = 5
"""Files put aside: what is printed is little, unless a process raves."""

logger = logging.getLogger(__name__)


class HidingText(io.TextIOWrapper):
    """
    A text stream that replaces secrets in each piece before it is written.

    Args:
        stream: Whose bytes it writes to.
        hide: Replaces them.
    """

    def __init__(self, stream: TextIO, hide: Callable[[str], str]) -> None:
        super().__init__(
            stream.buffer,
            encoding=stream.encoding,
            errors="backslashreplace",
            line_buffering=True,
            write_through=True,
        )
        self._hide = hide
        self._stream = stream  # one that nobody holds any more closes what both write to

    def write(self, text: str) -> int:
        """
        Write a piece; a secret split over two is not found.

        Raises:
            TypeError: If it is no text, by which others tell what kind of stream this is.
        """
        if not isinstance(text, str):
            raise TypeError(f"must be text, was {type(text).__name__}")
        super().write(self._hide(text))
        return len(text)


def hide_output(hide: Callable[[str], str]) -> None:
    """Let nothing that this process prints from now on show a secret."""
    sys.stdout = HidingText(sys.stdout, hide)
    sys.stderr = HidingText(sys.stderr, hide)


def log_uncaught() -> None:
    """Log what nobody catches, in any thread, before it is printed."""
    printed, printed_of_thread = sys.excepthook, threading.excepthook

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logger.critical("uncaught, the process ends", exc_info=(kind, error, trace))
        printed(kind, error, trace)

    def uncaught_of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            cause = (told.exc_type, told.exc_value, told.exc_traceback)
            logger.critical("uncaught, a thread ends", exc_info=cause)
        printed_of_thread(told)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_of_thread


def bound_console(path: Path, rotation: Rotation) -> bool:
    """
    Copy a file aside and empty it once it is full; tell whether that was done.

    What is written between the copy and the emptying is lost.
    """
    with suppress(OSError):  # none there, or another process is at it, or no room: later then
        if path.stat().st_size < rotation.most_bytes:
            return False
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            state = os.fstat(file.fileno())
            if state.st_size < rotation.most_bytes:
                return False
            try:
                _copy(file, rotation.aside(path, state), rotation.most_bytes)
            finally:  # a disk without room needs the bytes more than the copy
                file.truncate(0)
            rotation.expire(path)
            return True
    return False


def console_rotation(keep_days: int) -> Rotation:
    """Return when ``console.log`` is put aside."""
    return Rotation(most_bytes=MOST_BYTES, keep_days=keep_days, most_files=_KEPT)


def _copy(file: io.BufferedRandom, aside: Path, most_bytes: int) -> None:
    """Copy the newest so many bytes."""
    file.seek(max(0, os.fstat(file.fileno()).st_size - most_bytes))
    with aside.open("xb") as copy:
        shutil.copyfileobj(file, copy)
