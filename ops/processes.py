"""
Processes of one home: who runs, told by PID and start time, never by name.

A PID alone is not an identity: the system hands it on. Each background process
therefore writes its PID together with its start time, and a file whose process
is gone, or is somebody else by now, counts as absent.
"""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

TERM_GRACE_S = 8.0  # more than the supervisor gives its children
_SAME_START_S = 0.01  # a recycled PID cannot have started in the same clock tick


class Role(StrEnum):
    """The processes of the product, in the order in which they are ended."""

    SUPERVISOR = "supervisor"
    ENGINE = "engine"
    DASHBOARD = "dashboard"
    SIMULATOR = "simulator"


class RunningError(Exception):
    """A process of this role already runs in this home."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """
    One process that can not be mistaken for another.

    Attributes:
        started_s: Start time as the system reports it.
        port: Where it listens; None when it does not.
    """

    pid: int
    started_s: float
    port: int | None = None

    @classmethod
    def of(cls, pid: int, port: int | None = None) -> "ProcessIdentity":
        """
        Identify a living process.

        Raises:
            psutil.NoSuchProcess: If there is none with this PID.
        """
        return cls(pid, psutil.Process(pid).create_time(), port)

    def process(self) -> psutil.Process | None:
        """Return the process if it still is the one that was identified."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started_s) < _SAME_START_S
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def pid_file(run: Path, role: Role) -> Path:
    """Return where ``role`` of a home writes its identity."""
    return run / f"{role}.json"


def running(run: Path, role: Role) -> ProcessIdentity | None:
    """
    Return the identity of ``role`` if it is alive; a stale or torn file counts as absent.

    So does one that was copied, with all of a home, while its process ran: that is the other's.
    """
    identity = _written(run, role)
    try:
        process = identity.process() if identity else None
    except (ValueError, OverflowError):  # no number of a process
        return None
    if identity is None or process is None:
        return None
    theirs = _run_of(process)
    if theirs is not None and theirs != run.resolve() and _written(theirs, role) == identity:
        return None
    return identity


def _written(run: Path, role: Role) -> ProcessIdentity | None:
    try:
        raw = json.loads(pid_file(run, role).read_text())
        return ProcessIdentity(int(raw["pid"]), float(raw["started_s"]), raw["port"])
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _run_of(process: psutil.Process) -> Path | None:
    """Return where the home of a process has its PID files; None where that cannot be told."""
    try:
        script = next((w for w in process.cmdline() if w.endswith("main.py")), None)
        if script is None:
            return None
        directory = process.cwd()
        beside = Path(directory, script).parent
        home = Path(directory, process.environ().get("TRADING_HOME") or beside)
        return (home / "data" / "run").resolve()
    except (psutil.Error, OSError):
        return None


@contextmanager
def registered(run: Path, role: Role, port: int | None = None) -> Iterator[None]:
    """
    Hold the place of ``role`` in this home while the block runs.

    The lock makes two of a kind impossible; it dies with its process, so a
    crash leaves nothing to clear up.

    Raises:
        RunningError: If another process holds the place; names its PID.
    """
    run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run / f"{role}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        other = running(run, role)
        raise RunningError(
            f"the {role} of {run.parent.parent} already runs"
            f"{f' (pid {other.pid})' if other else ''}"
        ) from None
    path = pid_file(run, role)
    draft = path.with_suffix(".new")
    try:
        draft.write_text(json.dumps(asdict(ProcessIdentity.of(os.getpid(), port))))
        draft.replace(path)
        yield
    finally:
        draft.unlink(missing_ok=True)  # left when the disk was full
        path.unlink(missing_ok=True)
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a process that was asked to end."""

    role: Role
    pid: int
    by: str


def end(run: Path, role: Role, grace_s: float = TERM_GRACE_S) -> Ended | None:
    """End ``role`` of this home: TERM, then KILL after ``grace_s``; None if it did not run."""
    identity = running(run, role)
    process = identity.process() if identity else None
    if process is None:
        pid_file(run, role).unlink(missing_ok=True)
        return None
    by = end_process(process, grace_s)
    pid_file(run, role).unlink(missing_ok=True)
    return Ended(role, process.pid, by)


def end_process(process: psutil.Process, grace_s: float = TERM_GRACE_S) -> str:
    """TERM, then KILL a process that is still there after ``grace_s``; tells which it took."""
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(grace_s)
    except psutil.NoSuchProcess:
        return "gone"
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(grace_s)
        return "KILL"
    return "TERM"


def end_all(run: Path) -> tuple[Ended, ...]:
    """
    End every process of a home, the supervisor first so that nothing is restarted.

    The lock files that nobody holds now are removed too; another home may lie within this one.
    """
    ended = tuple(result for role in Role if (result := end(run, role)))
    for path in run.parent.rglob("*.lock"):
        with suppress(Timeout), FileLock(path, timeout=0):
            path.unlink(missing_ok=True)
    return ended
