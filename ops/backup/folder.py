"""The folder form of a backup: the same tree, which an editor or ``cp`` can look into."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ops.backup.archive import MANIFEST, check_paths, check_room, sum_of
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest, Member


def copy_folder(folder: Path, into: Path, *, room_bytes: int) -> Manifest:
    """
    Copy a backup that is a folder, checking each file against the manifest.

    Raises:
        BackupError: If it lacks a file, has one more, or one that is no plain file or not what
            the manifest says.
    """
    try:
        manifest = Manifest.from_json((folder / MANIFEST).read_text(encoding="utf-8"))
        check_paths(manifest)
        check_room(manifest, room_bytes)
        _must_match(set(_plain_files(folder)) - {MANIFEST}, manifest)
        for path, told in manifest.members.items():
            _copy(folder / path, into / path, path, told)
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder}: is not a whole backup: {error}") from error
    except BackupError as error:
        raise BackupError(f"{folder}: {error}") from error
    return manifest


def _must_match(present: set[str], manifest: Manifest) -> None:
    for path in sorted(present ^ manifest.members.keys()):
        raise BackupError(f"lacks {path}" if path in manifest.members else f"has {path} too")


def _copy(source: Path, target: Path, path: str, told: Member) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target, follow_symlinks=False)
    with target.open("rb+") as copied:
        if sum_of(copied) != told:
            raise BackupError(f"{path} is not what the manifest says")
        os.fsync(copied.fileno())


def _plain_files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        kind = path.lstat().st_mode
        name = path.relative_to(folder).as_posix()
        if stat.S_ISREG(kind):
            yield name
        elif not stat.S_ISDIR(kind):
            raise BackupError(f"holds {name!r:.80}, which is no plain file")
