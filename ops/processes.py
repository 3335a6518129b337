"""
Processes of one home: who runs, told by PID and start time, never by name.

A PID alone is not an identity: the system hands it on. Each background process
therefore writes its PID together with its start time, and a file whose process
is gone, or is somebody else by now, counts as absent.
"""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic, sleep

import psutil
from filelock import FileLock, Timeout

from ops.process_identity import ProcessIdentity

__all__ = [
    "Ended",
    "ProcessIdentity",
    "Role",
    "RunningError",
    "end",
    "end_all",
    "end_process",
    "pid_file",
    "registered",
    "running",
]

TERM_GRACE_S = 8.0  # more than the supervisor gives its children
NAMED_WITHIN_S = 2.0  # between its lock and its PID file a process that starts takes milliseconds
_POLL_S = 0.02


class Role(StrEnum):
    """The processes of the product, in the order in which they are ended."""

    SUPERVISOR = "supervisor"
    ENGINE = "engine"
    DASHBOARD = "dashboard"
    SIMULATOR = "simulator"


class RunningError(Exception):
    """A process that runs is in the way; the message names it."""


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
        since_boot = str(raw.get("since_boot", ""))
        return ProcessIdentity(int(raw["pid"]), float(raw["started_s"]), raw["port"], since_boot)
    except (
        OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError,
    ):  # fmt: skip
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
        raise _taken(run, role) from None
    path = pid_file(run, role)
    draft = path.with_suffix(".new")
    try:
        with _data_held(run, role):
            draft.write_text(json.dumps(asdict(ProcessIdentity.of(os.getpid(), port))))
            draft.replace(path)
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
    finally:
        draft.unlink(missing_ok=True)  # left when the disk was full
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


@contextmanager
def _data_held(run: Path, role: Role) -> Iterator[None]:
    """
    Have the engine hold the folder of its journal too: a lock file can be deleted by hand.

    Raises:
        RunningError: If an engine holds it whose lock file is gone.
    """
    if role is not Role.ENGINE:
        yield
        return
    opened = os.open(run.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(run, role) from None
        except OSError:
            pass  # a file system without such locks: the lock file has to do
        yield
    finally:
        os.close(opened)


def _taken(run: Path, role: Role) -> RunningError:
    """Return what is wrong where another process holds a place, with its PID if it tells it."""
    until_s = monotonic() + NAMED_WITHIN_S
    while (other := running(run, role)) is None and monotonic() < until_s:
        sleep(_POLL_S)
    home = run.parent.parent
    if other is None:
        return RunningError(f"the place of the {role} of {home} is taken: another one begins")
    return RunningError(f"the {role} of {home} already runs (pid {other.pid})")


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a process that was asked to end."""

    role: Role
    pid: int
    by: str


def end(run: Path, role: Role, grace_s: float = TERM_GRACE_S) -> Ended | None:
    """
    End ``role`` of this home: TERM, then KILL after ``grace_s``; None if it did not run.

    Raises:
        RunningError: If it is not ours to end, or not even KILL ends it.
    """
    identity = running(run, role)
    process = identity.process() if identity else None
    ended = end_process(role, process, grace_s) if process else None
    with suppress(OSError):  # of a disk that is read-only by now; it counts as absent all the same
        pid_file(run, role).unlink(missing_ok=True)
    return ended


def end_process(role: Role, process: psutil.Process, grace_s: float = TERM_GRACE_S) -> Ended:
    """End a process as `end` does; raises `RunningError`."""
    who = f"the {role} (pid {process.pid})"
    try:
        return Ended(role, process.pid, _end(process, grace_s))
    except psutil.AccessDenied:
        raise RunningError(f"{who} is of another account: end it as that one") from None
    except psutil.TimeoutExpired:
        raise RunningError(f"{who} does not end by KILL either: it waits for a disk") from None


def _end(process: psutil.Process, grace_s: float) -> str:
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
        with suppress(Timeout, OSError), FileLock(path, timeout=0):
            path.unlink(missing_ok=True)
    return ended
