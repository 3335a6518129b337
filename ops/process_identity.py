"""Which process a PID means: the system hands PIDs on, so the time of its start belongs to it."""

from dataclasses import dataclass
from pathlib import Path

import psutil

_SAME_START_S = 0.01  # a recycled PID cannot have started in the same clock tick
_STARTED_AFTER_NAME = 19  # 22nd field of /proc/PID/stat, counted from behind the name (proc(5))


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """
    One process that can not be mistaken for another.

    Attributes:
        started_s: Start time by the clock of this machine, as it was when this was written.
        port: Where it listens; None when it does not.
        since_boot: Which boot of the machine, and how far into it the process started. Unlike
            the time of day nobody sets it. Empty where the system does not tell.
    """

    pid: int
    started_s: float
    port: int | None = None
    since_boot: str = ""

    @classmethod
    def of(cls, pid: int, port: int | None = None) -> "ProcessIdentity":
        """
        Identify a living process.

        Raises:
            psutil.NoSuchProcess: If there is none with this PID.
        """
        return cls(pid, psutil.Process(pid).create_time(), port, _since_boot(pid))

    def process(self) -> psutil.Process | None:
        """Return the process if it still is the one that was identified."""
        try:
            found = psutil.Process(self.pid)
            alive = self._is(found) and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return found if alive else None

    def _is(self, found: psutil.Process) -> bool:
        theirs = _since_boot(self.pid) if self.since_boot else ""
        if theirs:
            return theirs == self.since_boot
        return abs(found.create_time() - self.started_s) < _SAME_START_S


def _since_boot(pid: int) -> str:
    """Return the boot and the clock tick of a process's start; empty where that is not told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return f"{boot}:{stat.rpartition(')')[2].split()[_STARTED_AFTER_NAME]}"
    except (OSError, IndexError):
        return ""
