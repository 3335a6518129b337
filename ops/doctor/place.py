"""Checks of where the home lies: rights, room, and whether its disk is fit for a database."""

import os
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from core.config import Home
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning

_MEGA: Final = 1e6
_LEAST_FREE: Final = 500e6
"""Bytes; a day of candles of many symbols, a backup and the logs."""
_ENOUGH_FREE: Final = 5e9
_ELSEWHERE: Final = "stop, move it to a folder of a local disk, and name that by TRADING_HOME"
# fmt: off
_NETWORK: Final = (
    "9p", "afp", "afs", "beegfs", "ceph", "cifs", "davfs", "drvfs", "fuse.ceph", "fuse.curlftpfs",
    "fuse.davfs", "fuse.glusterfs", "fuse.goofys", "fuse.gvfsd", "fuse.juicefs", "fuse.rclone",
    "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "ocfs2",
    "smb", "sshfs", "v9fs", "vboxsf", "virtiofs", "vmhgfs", "webdav",
)
# fmt: on
"""Beginnings of kinds of file systems on which SQLite's shared memory is not shared."""


class _Service(NamedTuple):
    """
    Who copies a folder behind our back.

    Attributes:
        folders: Beginnings of names of folders that are copied.
        marks: Names of files in the root of such a folder.
    """

    name: str
    folders: tuple[str, ...]
    marks: tuple[str, ...] = ()


_SERVICES: Final = (
    _Service("iCloud", ("Mobile Documents", "iCloud Drive", "iCloudDrive", "com~apple~CloudDocs")),
    _Service("Dropbox", ("Dropbox",), (".dropbox", ".dropbox.cache")),
    _Service("OneDrive", ("OneDrive",), (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    _Service("Google Drive", ("Google Drive", "GoogleDrive"), (".tmp.drivedownload",)),
    _Service("Syncthing", (), (".stfolder", ".stignore")),
    _Service("Nextcloud", ("Nextcloud", "ownCloud"), (".nextcloudsync.log", ".owncloudsync.log")),
    _Service("a cloud provider", ("CloudStorage",)),
)


def rights_check(home: Home) -> Diagnosis:
    """Tell whether everything the product writes to can be written to, or made."""
    needed = (home.cache, home.run, home.logs, home.root / "backups", home.reports)
    for path in needed:
        there = next(place for place in (path, *path.parents) if os.path.lexists(place))
        if not there.is_dir():  # a link that leads nowhere is none either
            return problem("home", f"{there}: is no directory", "remove it, or name another home")
        if not os.access(there, os.W_OK | os.X_OK):
            advice = "give yourself the right to write there, or name another by TRADING_HOME"
            return problem("home", f"{there}: cannot be written to", advice)
    return fine("home", str(home.root))


def room_check(home: Home) -> Diagnosis:
    """Tell how much room is left."""
    there = next(place for place in (home.root, *home.root.parents) if place.exists())
    usage = psutil.disk_usage(str(there))
    words = f"{usage.free / _MEGA:,.0f} MB free of {usage.total / _MEGA:,.0f}"
    advice = "make room; main.py maintenance removes what is old"
    if usage.free < _LEAST_FREE:
        return problem("disk", words, advice)
    return warning("disk", words, advice) if usage.free < _ENOUGH_FREE else fine("disk", words)


def synchronised_check(home: Home) -> Diagnosis:
    """Tell whether somebody copies the home while we write to it."""
    name = "synchronised"
    for place in (home.root, *home.root.parents):
        for service in _SERVICES:
            marked = any((place / mark).exists() for mark in service.marks)
            if marked or place.name.startswith(service.folders or ("/",)):
                words = f"{place} is copied by {service.name}: a database is damaged by that"
                return problem(name, words, _ELSEWHERE)
    return fine(name, "no program copies the home while it is in use")


def filesystem_check(home: Home, mounts: list[tuple[str, str]] | None = None) -> Diagnosis:
    """
    Tell whether the home lies on a disk of this machine.

    Args:
        home: That is looked at.
        mounts: Mount points and kinds of file systems; by default this machine's.
    """
    if mounts is None:
        mounts = [(it.mountpoint, it.fstype) for it in psutil.disk_partitions(all=True)]
    places = {str(place) for place in (home.root, *home.root.parents)}
    found = [(len(point), kind) for point, kind in mounts if str(Path(point)) in places]
    kind = max(found)[1] if found else ""
    if kind.lower().startswith(_NETWORK):
        words = f"{home.root} is on {kind}: the journal needs a disk of this machine"
        return problem("filesystem", words, _ELSEWHERE)
    return fine("filesystem", kind or "not known")
