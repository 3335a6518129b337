"""What the home and its processes take of the machine, as metrics."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil
from prometheus_client.core import Metric

from core.config import Home
from core.emergency_latch import EmergencyLatch
from core.journal.tables import REVISION
from ops.backup.create import program_version
from ops.backup.places import backups
from ops.backup.rotation import made_s
from ops.metrics_export.described import Labels, counter, gauge
from ops.metrics_export.exposition import Read
from ops.open_files import most_files
from ops.processes import Role, running

BUILD = gauge(
    "trading_build_info",
    "Always 1; the labels say what runs.",
    "version",
    "python",
    "schema",
    "role",
)
EMERGENCY = gauge("trading_emergency_stop", "1 while the emergency latch is set.")
JOURNAL_SIZE = gauge("trading_journal_size_bytes", "Of the journal's files.", "file")
PROCESS_MEMORY = gauge("process_resident_memory_bytes", "Resident memory of this process.")
PROCESS_CPU = counter("process_cpu_seconds_total", "CPU time of this process, user and system.")
PROCESS_STARTED = gauge("process_start_time_seconds", "When this process started, since the epoch.")
PROCESS_FILES = gauge("process_open_fds", "Files and sockets that this process has open.")
PROCESS_FILES_MOST = gauge("process_max_fds", "How many it may have open.")
PROCESS_THREADS = gauge("process_threads", "Threads of this process.")
ROLE_UP = gauge(
    "trading_role_up", "1 for each process of the home that runs, 0 for one that does not.", "role"
)
ROLE_MEMORY = gauge(
    "trading_role_memory_bytes", "Resident memory of each process of the home.", "role"
)
DISK_FREE = gauge("trading_disk_free_bytes", "Free on the disk of the home.")
DISK_SIZE = gauge("trading_disk_size_bytes", "Size of the disk of the home.")
BACKUPS = gauge("trading_backups", "Backups there are.")
BACKUP_AGE = gauge(
    "trading_backup_age_seconds", "Since the newest backup was made; absent where there is none."
)
BACKUP_SIZE = gauge(
    "trading_backup_size_bytes", "Of the newest backup; absent where there is none."
)


def files_of(home: Home, role: Role, clock: Callable[[], float]) -> Mapping[str, Read]:
    """Return the parts that tell of files, processes and the machine, by name."""
    return {
        "build": lambda: build_part(role),
        "process": process_part,
        "roles": lambda: role_part(home),
        "disk": lambda: disk_part(home),
        "backups": lambda: backup_part(home, clock),
    }


def build_part(role: Role) -> Iterator[Metric]:
    """Tell what runs."""
    labels = (program_version(), platform.python_version(), REVISION, role.value)
    yield BUILD.of({labels: 1.0})


def process_part() -> Iterator[Metric]:
    """Tell what this process takes."""
    process = psutil.Process()
    with process.oneshot():
        times = process.cpu_times()
        yield PROCESS_MEMORY.of(process.memory_info().rss)
        yield PROCESS_CPU.of(times.user + times.system)
        yield PROCESS_STARTED.of(process.create_time())
        yield PROCESS_THREADS.of(process.num_threads())
    yield PROCESS_FILES.of(process.num_fds())
    yield PROCESS_FILES_MOST.of(most_files())


def role_part(home: Home) -> Iterator[Metric]:
    """Tell which processes of the home run, and their memory."""
    up: dict[Labels, float] = {}
    memory: dict[Labels, float | None] = {}
    for role in Role:
        identity = running(home.run, role)
        process = identity.process() if identity else None
        up[role.value,] = float(process is not None)
        if process is not None:
            with suppress(psutil.Error):  # it may end at any time
                memory[role.value,] = process.memory_info().rss
    yield ROLE_UP.of(up)
    yield ROLE_MEMORY.of(memory)


def disk_part(home: Home) -> Iterator[Metric]:
    """Tell how much room there is, and what the journal takes of it."""
    usage = psutil.disk_usage(str(home.root))
    yield DISK_FREE.of(usage.free)
    yield DISK_SIZE.of(usage.total)
    beside = home.database.with_name(f"{home.database.name}-wal")
    sizes: dict[Labels, float | None] = {
        ("database",): _size(home.database),
        ("wal",): _size(beside),
    }
    yield JOURNAL_SIZE.of(sizes)
    yield EMERGENCY.of(float(bool(EmergencyLatch(home.emergency_latch)())))


def backup_part(home: Home, clock: Callable[[], float]) -> Iterator[Metric]:
    """Tell of the newest backup; ``clock`` is in seconds since the epoch."""
    found = backups(home)
    newest = found[0] if found else None
    yield BACKUPS.of(len(found))
    yield BACKUP_AGE.of(None if newest is None else max(clock() - made_s(newest), 0.0))
    yield BACKUP_SIZE.of(None if newest is None else _size(newest))


def _size(path: Path) -> float | None:
    """Return the size of a file, or of all files in a folder; None where there is neither."""
    try:
        if not path.is_dir():
            return float(path.stat().st_size)
        files = (Path(at) / name for at, _, names in os.walk(path) for name in names)
        return float(sum(file.stat().st_size for file in files))
    except FileNotFoundError:  # it may go at any time
        return None
