"""Makes what was renamed or created in a directory survive a power cut."""

import os
from pathlib import Path


def sync_directory(directory: Path) -> None:
    """
    Wait until the entries of a directory are on the disk; files are synced by who writes them.

    Raises:
        OSError: If it is not there, or the file system cannot.
    """
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
