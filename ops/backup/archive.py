"""
The file form of a backup: one gzipped tar, written whole, and read as if an enemy had made it.

A backup is one folder ``backup_…/`` with a ``manifest.json``, which comes first, so that what
follows is known before it is unpacked.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from ops.backup.contents import LARGEST_MANIFEST, MANIFEST, check_paths, check_room
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest, Member
from ops.backup.metered import Metered

_PIECE_BYTES: Final = 1 << 20
_DAMAGE = (
    *(tarfile.TarError, EOFError, zlib.error, OSError),
    # Of hostile headers: sizes that are no numbers, headers of headers of headers.
    *(ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError),
)


def sum_of(file: IO[bytes]) -> Member:
    """Return size and sum of what is left in a file."""
    digest, count = hashlib.sha256(), 0
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
        count += len(piece)
    return Member(count, digest.hexdigest())


def pack(
    target: Path, name: str, manifest: Manifest, files: Mapping[str, Path], effort: int
) -> None:
    """
    Write an archive with that much effort of gzip, 1 to 9; only its owner may read it.

    Raises:
        OSError: If it cannot be written.
    """
    opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "wb") as raw:
        with (
            gzip.GzipFile("", "wb", effort, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            text = manifest.to_json().encode()
            _add(tar, f"{name}/{MANIFEST}", len(text), io.BytesIO(text))
            for path, file in files.items():
                with file.open("rb") as content:
                    _add(tar, f"{name}/{path}", file.stat().st_size, content)
        raw.flush()
        os.fsync(raw.fileno())


def unpack(archive: Path, into: Path, *, room_bytes: int, lasting: bool = True) -> Manifest:
    """
    Read an archive into an empty folder, checking each file against the manifest.

    Args:
        archive: As `pack` wrote it.
        into: Receives the files; what is in it after an error is worth nothing.
        room_bytes: More than this is refused before anything is written.
        lasting: Whether the files must survive a power cut.

    Raises:
        BackupError: If it is no whole archive, holds anything but plain files where a backup
            has them, or a file is not what the manifest says.
    """
    with _opened(archive) as (tar, metered):
        manifest = _unpack(tar, metered, into, room_bytes)
        for path in manifest.members if lasting else ():
            with (into / path).open("rb+") as file:
                os.fsync(file.fileno())
        return manifest


def read_manifest(archive: Path) -> Manifest:
    """
    Read what an archive says of itself, and nothing else of it.

    Raises:
        BackupError: If it does not begin with a manifest.
    """
    try:
        with gzip.open(archive, "rb") as unpacked:
            metered = Metered(cast("IO[bytes]", unpacked))
            with tarfile.open(fileobj=cast("IO[bytes]", metered), mode="r|") as tar:
                return _manifest(tar, _files(tar), metered)
    except _DAMAGE as error:
        raise _damaged(archive, error) from error


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[tarfile.TarFile, Metered]]:
    """Have an archive read to its end, where the sum of the whole is; faults name it."""
    try:
        with gzip.open(archive, "rb") as unpacked:
            metered = Metered(cast("IO[bytes]", unpacked))
            with tarfile.open(fileobj=cast("IO[bytes]", metered), mode="r|") as tar:
                yield tar, metered
            while metered.read(_PIECE_BYTES):
                pass
    except _DAMAGE as error:
        raise _damaged(archive, error) from error
    except BackupError as error:
        raise BackupError(f"{archive}: {error}") from error


def _damaged(archive: Path, error: BaseException) -> BackupError:
    reason = " ".join(str(error).split())
    return BackupError(f"{archive}: is not a whole backup: {reason:.200}")


def _manifest(
    tar: tarfile.TarFile, members: Iterator[tuple[str, tarfile.TarInfo]], metered: Metered
) -> Manifest:
    path, first = next(members, ("", None))
    if path != MANIFEST or first is None or not 0 <= first.size <= LARGEST_MANIFEST:
        raise BackupError("does not begin with a manifest")
    metered.allow(first.size)
    content = tar.extractfile(first)
    return Manifest.from_json(content.read().decode() if content else "")


def _unpack(tar: tarfile.TarFile, metered: Metered, into: Path, room_bytes: int) -> Manifest:
    members = _files(tar)
    manifest = _manifest(tar, members, metered)
    check_paths(manifest)
    check_room(manifest, room_bytes)
    missing = set(manifest.members)
    for path, member in members:
        if path not in missing:
            raise BackupError(f"holds {path!r:.80}, which its manifest does not name, or twice")
        missing.discard(path)
        if member.size != manifest.members[path].bytes:
            raise BackupError(f"{path} is not what the manifest says")
        metered.allow(member.size)
        _extract(tar, member, into / path, manifest.members[path], path)
    if missing:
        raise BackupError(f"lacks {min(missing)}")
    return manifest


def _files(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """Yield the files with their paths within the backup's folder."""
    folder = None
    for member in tar:
        name, _, path = member.name.partition("/")
        if member.isdir() and not path:
            continue
        if not member.isreg() or member.issparse():
            raise BackupError(f"holds {member.name!r:.80}, which is no plain file")
        folder = folder or name
        if name != folder or name in {"", ".", ".."} or not path:
            raise BackupError(f"holds {member.name!r:.80} outside its folder")
        yield path, member


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, told: Member, path: str
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        while content is not None and (piece := content.read(_PIECE_BYTES)):
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != told.sha256:
        raise BackupError(f"{path} is not what the manifest says")


def _add(tar: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, content)
