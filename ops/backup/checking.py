"""Opens a backup as a restore would, to see that it is whole and sound."""

import shutil
from pathlib import Path

from ops.backup.archive import read_manifest, unpack
from ops.backup.contents import DATABASE, MANIFEST
from ops.backup.errors import BackupError
from ops.backup.folder import copy_folder
from ops.backup.manifest import Manifest
from ops.backup.snapshot import rows_of

_SPARE_BYTES = 16 << 20  # that others may need meanwhile


def opened(backup: Path, into: Path, *, lasting: bool = True) -> Manifest:
    """
    Unpack a backup into an empty folder and check everything in it.

    Args:
        backup: Of either form.
        into: May be absent.
        lasting: Whether what is unpacked must survive a power cut.

    Raises:
        BackupError: If anything is not as it was when the backup was made.
    """
    into.mkdir(parents=True, exist_ok=True)
    room_bytes = max(shutil.disk_usage(into).free - _SPARE_BYTES, 0)
    if backup.is_dir():
        manifest = copy_folder(backup, into, room_bytes=room_bytes)
    else:
        manifest = unpack(backup, into, room_bytes=room_bytes, lasting=lasting)
    if DATABASE in manifest.members:
        schema, rows = rows_of(into / DATABASE)
        if (schema, dict(rows)) != (manifest.schema, dict(manifest.rows)):
            raise BackupError(f"{backup}: its journal does not hold what the manifest says")
    return manifest


def manifest_of(backup: Path) -> Manifest:
    """
    Read what a backup says of itself, and nothing else of it.

    Raises:
        BackupError: If it does not begin with a manifest.
    """
    if not backup.is_dir():
        return read_manifest(backup)
    try:
        text = (backup / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{backup}: has no manifest: {error}") from error
    return Manifest.from_json(text)
