"""What a home runs on and under: versions, processes, files, the latch."""

import json
import platform
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

import psutil

from core.config import REPOSITORY, Home
from ops.backup.create import program_version
from ops.launch import demo_home
from ops.processes import Role, running


def versions(repository: Path = REPOSITORY) -> str:
    """Return the versions of this program, Python, the machine and every package."""
    packages = sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions())
    memory = psutil.virtual_memory()
    return "\n".join([
        f"program {program_version()}",
        f"revision {revision(repository) or 'unknown'}",
        f"python {platform.python_version()} {platform.python_implementation()}",
        f"sqlite {sqlite3.sqlite_version}",
        f"system {platform.platform()}",
        f"cores {psutil.cpu_count()}, memory {memory.total:,} bytes, free {memory.available:,}",
        f"time {time.strftime('%Y-%m-%dT%H:%M:%S%z')}, zone {'/'.join(time.tzname)}",
        "",
        *packages,
    ])  # fmt: skip


def revision(repository: Path) -> str:
    """Return the commit that is checked out; empty where that is not known."""
    git = repository / ".git"
    with suppress(OSError):
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        if (git / name).is_file():
            return (git / name).read_text(encoding="utf-8").strip()
        for line in (git / "packed-refs").read_text(encoding="utf-8").splitlines():
            if line.endswith(f" {name}"):
                return line.split()[0]
    return ""


def home_of_processes(home: Home) -> Home:
    """Return the home of which something runs: its demo's, when only that does."""
    places = (home, demo_home(home))
    return next((at for at in places if any(running(at.run, role) for role in Role)), home)


def processes(home: Home) -> str:
    """Return what runs of a home, and what it uses."""
    return json.dumps([_process(home, role) for role in Role], indent=1)


def _process(home: Home, role: Role) -> Mapping[str, object]:
    identity = running(home.run, role)
    process = identity.process() if identity else None
    if identity is None or process is None:
        return {"role": role, "running": False}
    told: dict[str, object] = {
        "role": role, "running": True, "pid": identity.pid, "port": identity.port,
    }  # fmt: skip
    with suppress(psutil.Error), process.oneshot():  # it may end while it is looked at
        told |= {
            "age_s": round(time.time() - process.create_time()),
            "status": process.status(),
            "memory_bytes": process.memory_info().rss,
            "cpu_s": round(sum(process.cpu_times()[:2]), 1),
            "threads": process.num_threads(),
            "command": process.cmdline(),
        }
    return told


def latch(home: Home) -> str:
    """Return the emergency latch; empty when there is none."""
    try:
        return home.emergency_latch.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def files(home: Home) -> str:
    """Return sizes and times of the files of a home, and the room on its disk."""
    disk = psutil.disk_usage(str(home.root))
    head = f"disk: {disk.used:,} of {disk.total:,} bytes used, {disk.free:,} free"
    return "\n".join([head, *_listed(home)])


def _listed(home: Home) -> Iterator[str]:
    for folder in ("data", "logs", "backups", "reports"):
        for path in sorted((home.root / folder).rglob("*")):
            with suppress(OSError):  # it has just gone
                found = path.lstat()
                at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.st_mtime))
                yield f"{found.st_mode:o} {found.st_size:>12,} {at} {path.relative_to(home.root)}"
