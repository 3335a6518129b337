"""Files that are whole or absent, whatever happens while they are written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """
    Put what ``write`` writes in the place of ``path`` at once; callers exclude each other.

    The content is on the disk before the name is, so a power cut leaves the old file or the new
    one. The folder is not synced: losing the newest version of a cache costs a refill of it.

    Raises:
        OSError: If it cannot be written; the old file and no draft are left then.
    """
    draft = draft_of(path)
    try:
        with draft.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        if draft.is_file():
            draft.unlink()
        raise


def draft_of(path: Path) -> Path:
    """Where this process drafts ``path``; another process drafts it elsewhere."""
    return path.with_name(f".{path.name}.{os.getpid()}.draft")


def drafts(directory: Path) -> list[tuple[Path, str]]:
    """Return the drafts in a directory, each with the name of what it was to become."""
    found = directory.glob(".*.draft")
    return [(path, path.name[1:].rsplit(".", 2)[0]) for path in sorted(found) if path.is_file()]
