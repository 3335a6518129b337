"""
The emergency latch, set and let go.

A file is laid ready while all is well and renamed into place when it counts, so that
neither needs room on the disk. What reads the latch is `core.emergency_latch`.
"""

import logging
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Final

from core.emergency_latch import EmergencyLatch
from core.synced_directory import sync_directory
from ops.logs.layouts import escaped

logger = logging.getLogger(__name__)

_BLOCK: Final = 512  # bytes that are already the file's own, so that words fit on a full disk
_UNSAID = "set without a word of why"
ALREADY: Final = "was set already"


class LatchError(Exception):
    """The latch cannot be let go; the message says why and what to do."""


class LatchedError(Exception):
    """The latch is set: the engine does not start; the message says how to resume."""


def refuse_latched(latch: Path) -> None:
    """
    Make sure that nobody has stopped trading.

    Raises:
        LatchedError: If somebody has.
    """
    why = EmergencyLatch(latch)()
    if why:
        raise LatchedError(f"Emergency stop: {why}. The engine does not start; make resume")


def prepared_file(latch: Path) -> Path:
    """Return where the file lies that becomes the latch."""
    return latch.with_name(f".{latch.name}.prepared")


def prepare_latch(latch: Path) -> None:
    """
    Lay a file ready that `set_latch` needs only rename; one that is there stays.

    Where that fails it is logged, and the latch can still be set as long as there is room.
    """
    try:
        with suppress(FileExistsError):
            _create(prepared_file(latch))
    except OSError as error:
        logger.warning("emergency latch not laid ready: reason=%s", error)


def set_latch(latch: Path, words: str) -> str:
    """
    Set the latch; what is in its place already stays as it is.

    Args:
        latch: `Home.emergency_latch`.
        words: Why; a line of the file, left out when the disk does not take it.

    Returns:
        How it was set, for people.

    Raises:
        OSError: If it cannot be set.
    """
    if os.path.lexists(latch):
        return ALREADY
    latch.parent.mkdir(parents=True, exist_ok=True)
    how = _placed(latch)
    with suppress(OSError):  # it counts without a word too
        _write(latch, words)
    with suppress(OSError):  # some file systems cannot; the file is there
        sync_directory(latch.parent)
    return how


def latch_at_once(latch: Path, reason: str) -> str:
    """
    Set the latch ahead of the stop that proves it; what fails here that stop tells.

    Args:
        latch: `Home.emergency_latch`.
        reason: Of whoever stops, in that person's words.

    Returns:
        How it was set, for people; empty where it was not.
    """
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    with suppress(OSError, KeyError):  # an account without a name is a KeyError
        return set_latch(latch, f"{at} {getuser()}: {escaped(reason.strip()) or 'none given'}")
    return ""


def let_go(latch: Path) -> bool:
    """
    Let go of the latch; its file becomes the prepared one again.

    Returns:
        Whether it was set.

    Raises:
        LatchError: If what is in its place cannot be taken away.
    """
    try:
        kind = latch.lstat().st_mode
        if stat.S_ISREG(kind):
            latch.replace(prepared_file(latch))
        elif stat.S_ISDIR(kind):
            latch.rmdir()
        else:
            latch.unlink()
        sync_directory(latch.parent)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LatchError(f"{latch}: cannot be taken away: {error.strerror}") from error
    with suppress(OSError):  # old words are better than no file
        _write(prepared_file(latch), _UNSAID)
    return True


def _placed(latch: Path) -> str:
    try:
        prepared_file(latch).rename(latch)
    except OSError:  # none was laid ready, or it is gone
        with suppress(FileExistsError):
            _create(latch)
        return "made anew"
    return "renamed into place"


def _create(path: Path) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with suppress(OSError):  # an empty file is a latch too
            os.write(opened, _padded(_UNSAID))
            os.fsync(opened)
    finally:
        os.close(opened)


def _write(path: Path, words: str) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        os.pwrite(opened, _padded(words), 0)
        os.fsync(opened)
    finally:
        os.close(opened)


def _padded(words: str) -> bytes:
    line = words.replace("\n", " ").encode("utf-8", "replace")[: _BLOCK - 1]
    return line.ljust(_BLOCK, b"\n")
