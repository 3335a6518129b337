"""
Ending the processes of a home at once: asked in order, then killed in order.

All are asked within milliseconds, the supervisor first, so that nothing is started
again, and share one time of grace: a stopped engine would otherwise cost the
supervisor that waits for it a grace of its own, and the dashboard another.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

from core.config import REPOSITORY, Home
from ops.processes import ProcessIdentity, Role, pid_file, running

GRACE_S = 2.0
_KILLED_WITHIN_S = 1.0  # what the kernel needs to take a killed process away, on a busy machine
_POLL_S = 0.01
_MAIN = str(REPOSITORY / "main.py")
_COMMANDS = {
    "supervise": Role.SUPERVISOR,
    "trade": Role.ENGINE,
    "dashboard": Role.DASHBOARD,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A process that was told to end.

    Attributes:
        fault: Why it could not be told; empty when it could.
    """

    role: Role
    identity: ProcessIdentity
    by: str
    fault: str = ""


def _listed() -> Iterable[psutil.Process]:
    """Return the processes of this machine, with their command lines where they may be read."""
    return psutil.process_iter(["cmdline"])


def found(
    home: Home,
    roles: Sequence[Role],
    listed: Callable[[], Iterable[psutil.Process]] = _listed,
) -> Iterator[tuple[Role, ProcessIdentity]]:
    """
    Yield the living processes of a home in the order of ``roles``.

    Registered ones come from their PID files. Whoever deleted those while they ran left
    processes that nobody knows any more: they are found as what runs our own main.py with this
    home, never by a mere name.
    """
    strays = tuple(_strays(home, listed()))
    for role in roles:
        registered = running(home.run, role)
        if registered is not None:
            yield role, registered
        for stray_role, identity in strays:
            if stray_role is role and (registered is None or identity.pid != registered.pid):
                yield role, identity


def ask(role: Role, identity: ProcessIdentity, *, abrupt: bool) -> Asked:
    """Send TERM, or KILL where it must not run its own clean end."""
    by = "KILL" if abrupt else "TERM"
    try:
        process = identity.process()
        if process is not None:
            process.send_signal(signal.SIGKILL if abrupt else signal.SIGTERM)
    except psutil.NoSuchProcess:
        return Asked(role, identity, by)
    except (psutil.Error, OSError) as error:
        return Asked(role, identity, by, fault=f"cannot be ended: {error}")
    return Asked(role, identity, by)


def await_end(
    asked: Asked, deadline_s: float, run: Path, *, clock: Callable[[], float] = monotonic
) -> tuple[bool, str]:
    """
    Wait until a process is gone, and kill it at the deadline.

    Returns:
        Whether it is gone, and how it went, for people.
    """
    pid, by = asked.identity.pid, asked.by
    gone = _gone(asked.identity, deadline_s, clock)
    if not gone and not asked.fault:
        by = "KILL"
        with suppress(psutil.Error, OSError):
            process = asked.identity.process()
            if process is not None:
                process.kill()
        gone = _gone(asked.identity, clock() + _KILLED_WITHIN_S, clock)
    if not gone:
        return False, f"pid {pid} {asked.fault or 'is still there after KILL'}"
    with suppress(OSError):
        pid_file(run, asked.role).unlink(missing_ok=True)
    return True, f"pid {pid} ended by {by}"


def _gone(identity: ProcessIdentity, until_s: float, clock: Callable[[], float]) -> bool:
    while identity.process() is not None:
        if clock() >= until_s:
            return False
        sleep(_POLL_S)
    return True


def _strays(home: Home, listed: Iterable[psutil.Process]) -> Iterator[tuple[Role, ProcessIdentity]]:
    for process in listed:
        command = process.info["cmdline"] or []
        if process.pid == os.getpid() or not any(a.endswith("main.py") for a in command):
            continue
        with suppress(psutil.Error, OSError):
            role = _role(command, process.cwd())
            if role is not None and _home_of(process.environ(), process.cwd()) == home.root:
                yield role, ProcessIdentity.of(process.pid)


def _role(command: Sequence[str], directory: str) -> Role | None:
    """Return which role a command line runs; None when it is not ours or a mere command."""
    places = [
        n
        for n, word in enumerate(command)
        if os.path.realpath(os.path.join(directory, word)) == _MAIN
    ]
    if not places or places[0] not in (1, 2):  # after the interpreter, perhaps one option of it
        return None
    words = command[places[0] + 1 :]
    if not words:
        return Role.ENGINE
    if words[0] == "simulate" and "--supervised" in words:
        return Role.SIMULATOR
    return _COMMANDS.get(words[0])


def _home_of(environ: dict[str, str], directory: str) -> Path:
    """Return the home of a process; what it names is meant from where it runs, not from here."""
    return Path(directory, environ.get("TRADING_HOME") or REPOSITORY).resolve()
