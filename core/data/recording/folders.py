"""Where recordings lie: a folder named by its start, or one file made of it."""

import tarfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.data.recording.errors import RecordingError


def folder_name(now_ns: int) -> str:
    """Return the name of a recording that starts now."""
    return datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")


def archive_of(folder: Path) -> Path:
    """
    Return the file that `bundle` will make of a folder.

    Raises:
        RecordingError: If there is one already: it may be somebody's only recording.
    """
    archive = folder.with_name(f"{folder.name}.tar")
    if archive.exists():
        raise RecordingError(f"{archive}: is there already; choose another --out")
    return archive


def bundle(folder: Path) -> Path:
    """
    Make one file of a recording's folder, and remove the folder.

    Raises:
        RecordingError: If it cannot be written or is there already; the folder stays as it was.
    """
    archive = archive_of(folder)
    beside = archive.with_name(f"{archive.name}.new")
    try:
        with tarfile.open(beside, "w") as packed:  # what it holds is compressed already
            for path in sorted(folder.iterdir()):
                packed.add(path, arcname=f"{folder.name}/{path.name}")
        beside.replace(archive)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise RecordingError(f"{archive}: cannot be written: {error.strerror}") from error
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return archive
