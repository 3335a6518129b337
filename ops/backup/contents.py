"""What may be in a backup, and under which paths; anything else is refused."""

from pathlib import PurePosixPath
from typing import Final

from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest

MANIFEST: Final = "manifest.json"
LARGEST_MANIFEST: Final = 4 << 20
DATABASE: Final = "data/trading_signals.db"
CANDLES: Final = "data/cache"
ARCHIVE: Final = "data/archive"
"""Signals that have left the journal, a file for each month."""
CONFIG: Final = "config/config.yaml"
SECRETS: Final = "secrets/env.enc"
_FOLDERS: Final = frozenset({"config", "prompts", "reports"})
_FILE_PARTS: Final = 3  # of candles or of the archive
_DEEPEST: Final = 16  # folders; we make two


def check_paths(manifest: Manifest) -> None:
    """
    Make sure that a manifest names nothing but what a backup holds.

    Raises:
        BackupError: If it does, so that no path can lead out of the folder.
    """
    for path in manifest.members:
        parts = PurePosixPath(path).parts
        plain = path.isprintable() and "\\" not in path and path == "/".join(parts)
        safe = len(parts) <= _DEEPEST and not any(part in {"..", ".", "/"} for part in parts)
        if not (plain and safe and _is_ours(path, parts)):
            raise BackupError(f"names {path!r:.80}, which is no file of a backup")


def check_room(manifest: Manifest, room_bytes: int) -> None:
    """
    Make sure that the unpacked files have room.

    Raises:
        BackupError: If they have not.
    """
    if manifest.total_bytes > room_bytes:
        raise BackupError(f"needs {manifest.total_bytes:,} bytes where {room_bytes:,} are free")


def is_parquet_of(folder: str, path: str) -> bool:
    """Whether a path is that of a Parquet file right in `CANDLES` or `ARCHIVE`."""
    return (
        path.startswith(f"{folder}/")
        and path.endswith(".parquet")
        and len(PurePosixPath(path).parts) == _FILE_PARTS
    )


def _is_ours(path: str, parts: tuple[str, ...]) -> bool:
    if path in {DATABASE, SECRETS} or any(is_parquet_of(it, path) for it in (CANDLES, ARCHIVE)):
        return True
    return len(parts) > 1 and parts[0] in _FOLDERS
