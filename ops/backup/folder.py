"""The folder form of a backup: the same tree, which an editor or ``cp`` can look into."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.backup.archive import sum_of
from ops.backup.contents import LARGEST_MANIFEST, MANIFEST, check_paths, check_room
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
        present = dict(_plain_files(folder))
        manifest = _manifest(folder / MANIFEST, present.pop(MANIFEST, 0))
        check_paths(manifest)
        check_room(manifest, room_bytes)
        _must_match(present, manifest)
        for path, told in manifest.members.items():
            _copy(folder / path, into / path, path, told)
    except (OSError, ValueError, RecursionError) as error:
        raise BackupError(f"{folder}: is not a whole backup: {error}") from error
    except BackupError as error:
        raise BackupError(f"{folder}: {error}") from error
    return manifest


def _manifest(path: Path, size: int) -> Manifest:
    if not 0 < size <= LARGEST_MANIFEST:
        raise BackupError("has no manifest")
    return Manifest.from_json(path.read_text(encoding="utf-8"))


def _must_match(present: Mapping[str, int], manifest: Manifest) -> None:
    for path in sorted(present.keys() ^ manifest.members.keys()):
        raise BackupError(f"lacks {path}" if path in manifest.members else f"has {path} too")
    for path, size in present.items():
        if size != manifest.members[path].bytes:
            raise BackupError(f"{path} is not what the manifest says")


def _copy(source: Path, target: Path, path: str, told: Member) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target, follow_symlinks=False)
    with target.open("rb+") as copied:
        if sum_of(copied) != told:
            raise BackupError(f"{path} is not what the manifest says")
        os.fsync(copied.fileno())


def _plain_files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield paths and sizes; nothing is opened, for a pipe would be waited for."""
    for path in folder.rglob("*"):
        found = path.lstat()
        name = path.relative_to(folder).as_posix()
        if stat.S_ISREG(found.st_mode):
            yield name, found.st_size
        elif not stat.S_ISDIR(found.st_mode):
            raise BackupError(f"holds {name!r:.80}, which is no plain file")
