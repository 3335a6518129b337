"""Waiting until what was started answers, and saying why it does not."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Final, Protocol

import psutil

from core.emergency_latch import EmergencyLatch
from ops.launch import Installation, LaunchError, health
from ops.processes import Role

READY_WITHIN_S: Final = 120.0
"""Of a machine that has ten times too much to do; what ends instead is told at once."""
STARTS_TOLERATED: Final = 2
"""Of one role: what has ended twice at its start will a third time."""
LEFT_ALONE_S: Final = 5.0
"""Without an engine that had been started: a crash would have been restarted long before."""
TOLD_LINES: Final = 12
_TOLD_BYTES: Final = 8_192
_TRIED_AGAIN: Final = "It is tried again in the background. See: make status; end it: make stop"
_POLL_S: Final = 0.1
_COMMANDS: Final = {"trade": Role.ENGINE, "dashboard": Role.DASHBOARD, "simulate": Role.SIMULATOR}


class Parent(Protocol):
    """The supervisor, as whoever started it sees it."""

    pid: int

    def poll(self) -> int | None:
        """Return its exit status; None while it runs."""


class Startup:
    """
    The first seconds of an installation.

    Args:
        installation: That was started.
        supervisor: Its parent process.
        console_bytes: How long the console's log was before.
        answers: What a port's ``/health`` says; None when nobody answers.
        clock: Monotonic seconds.
        rest: Waits so many seconds before the next look.
    """

    def __init__(
        self,
        installation: Installation,
        supervisor: Parent,
        *,
        console_bytes: int = 0,
        answers: Callable[[int], object] = health,
        clock: Callable[[], float] = monotonic,
        rest: Callable[[float], object] = sleep,
    ) -> None:
        self._settings = installation.settings
        self._console = console_of(installation)
        self._supervisor = supervisor
        self._console_bytes = console_bytes
        self._answers = answers
        self._clock = clock
        self._rest = rest
        self._latch = EmergencyLatch(installation.home.emergency_latch)
        self._seen: dict[Role, set[int]] = {role: set() for role in Role}
        self._engine_s: float | None = None  # when it was last there

    def wait(self, say: Callable[[str], None]) -> bool:
        """
        Wait until page and engine answer; a latched engine is not waited for.

        Returns:
            Whether both have answered.

        Raises:
            LaunchError: If they do not in time, or end; shows what they printed.
        """
        until_s, page = self._clock() + READY_WITHIN_S, False
        while self._clock() < until_s:
            self._look()
            page = self._answers(self._settings.dashboard.port) is not None
            if page and self._answers(self._settings.engine.port) is not None:
                return True
            if page and self._latch():
                return False
            self._rest(_POLL_S)
        if not page:
            raise self._failed(f"the page did not answer within {READY_WITHIN_S:.0f} s")
        say(f"The engine has not answered yet: see {self._console.parent / 'system.log'}")
        return False

    def _look(self) -> None:
        status = self._supervisor.poll()
        if status is not None:
            raise self._failed(f"the supervisor ended with status {status}", going_on="")
        alive = _children(self._supervisor.pid)
        for role, pid in alive:
            self._seen[role].add(pid)
        self._look_for_engine({role for role, _ in alive})
        for role, pids in self._seen.items():
            if len(pids) > STARTS_TOLERATED:
                raise self._failed(f"the {role} keeps ending as soon as it is started")

    def _look_for_engine(self, alive: set[Role]) -> None:
        """Fail once it has ended as what is not tried again; a latched one may."""
        now_s = self._clock()
        if Role.ENGINE in alive:
            self._engine_s = now_s
            return
        left_alone = self._engine_s is not None and now_s - self._engine_s > LEFT_ALONE_S
        if left_alone and not self._latch():
            words = "the engine has ended and is not started again"
            raise self._failed(words, "The page goes on. See: make status; end it: make stop")

    def _failed(self, words: str, going_on: str = _TRIED_AGAIN) -> LaunchError:
        printed = tail(self._console, self._console_bytes)
        lines = [words, *(f"  | {line}" for line in printed), f"Logs: {self._console.parent}"]
        return LaunchError("\n".join([*lines, going_on] if going_on else lines))


def console_of(installation: Installation) -> Path:
    """Return where our processes print what comes before their own logs are open."""
    return installation.home.logs / "console.log"


def tail(file: Path, after_bytes: int = 0, lines: int = TOLD_LINES) -> list[str]:
    """Return the last lines of what was written to a file after a place in it."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, 2)
            begin = after_bytes if after_bytes <= size else 0  # it was rotated meanwhile
            opened.seek(max(begin, size - _TOLD_BYTES))
            text = opened.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-lines:]


def _children(supervisor: int) -> list[tuple[Role, int]]:
    try:
        found = psutil.Process(supervisor).children()
    except psutil.Error:
        return []
    told: list[tuple[Role, int]] = []
    for child in found:
        try:
            words = child.cmdline()
        except psutil.Error:  # it has just ended
            continue
        roles = [role for word, role in _COMMANDS.items() if word in words]
        told.extend((role, child.pid) for role in roles[:1])
    return told
