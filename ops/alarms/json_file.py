"""A small JSON file that is replaced whole; a damaged one is set aside, and said to be."""

import json
import logging
import os
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

_LARGEST_BYTES = 1_000_000
"""Ours have a few thousand; something else put there must not fill the memory."""


class DamagedError(Exception):
    """A file does not hold what it should; the message names it."""


def read_object(path: Path) -> dict[str, Any]:
    """
    Return the object in a file; an empty one where there is no file.

    Raises:
        DamagedError: If it holds something else.
        OSError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        return {}
    try:
        told = json.loads(raw) if len(raw) <= _LARGEST_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise DamagedError(f"{path}: not what was written there")
    return told


def replace_object(path: Path, told: dict[str, Any]) -> None:
    """
    Write an object: afterwards the file holds the old or the new one, whole.

    Raises:
        OSError: If the disk or the directory does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(told, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def set_aside(path: Path, why: Exception) -> None:
    """Move a damaged file out of the way, over the one before it, and log it."""
    aside = path.with_name(f"{path.stem}.damaged{path.suffix}")
    try:
        path.replace(aside)
    except OSError as error:
        logger.warning("%s; it cannot be set aside either (%s)", why, error.strerror)
    else:
        logger.warning("%s; begun anew, kept as %s", why, aside.name)
