"""
Keeps children running: a crash is restarted, a deliberate end is not.

The supervisor knows nothing of what its children do. It is the parent that
`make start` and `make demo` leave behind.
"""

import asyncio
import logging
import signal
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic

from ops.processes import Role

logger = logging.getLogger(__name__)

DELIBERATE_EXITS = frozenset({0, 3, -signal.SIGTERM})
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
CRASHES_TOLERATED = 6
CRASH_WINDOW_S = 120.0
STOP_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Child:
    """
    What to run.

    Attributes:
        environment: The whole environment of the child.
        output: File that receives what the child prints, before its own logging starts.
    """

    role: Role
    command: Sequence[str]
    environment: Mapping[str, str]
    output: Path


class News(StrEnum):
    """What became of a child."""

    STARTED = "started"
    ENDED = "ended deliberately"
    CRASHED = "crashed"
    """And is started again."""
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class ChildNews:
    """
    Something that happened to a child.

    Attributes:
        pid: Of one that was started.
        status: Of one that ended, below zero for a signal; None if it could not be started.
        crashes: Of late, with this one.
    """

    role: Role
    kind: News
    pid: int | None = None
    status: int | None = None
    crashes: int = 0


@dataclass(slots=True)
class CrashRecord:
    """When a child crashed of late; tells how long to wait, and when to give up."""

    times_s: deque[float] = field(default_factory=deque)

    def delay_s(self, now_s: float) -> float | None:
        """Count one crash at ``now_s``; return the wait before a restart, None to give up."""
        self.times_s.append(now_s)
        while self.times_s and now_s - self.times_s[0] > CRASH_WINDOW_S:
            self.times_s.popleft()
        crashes = len(self.times_s)
        if crashes > CRASHES_TOLERATED:
            return None
        return float(min(FIRST_DELAY_S * 2.0 ** (crashes - 1), LONGEST_DELAY_S))


class Supervisor:
    """
    Run children until told to stop.

    Args:
        children: Started in this order; asked to end all at once.
        clock: Monotonic seconds.
        heard: Is told what becomes of children; must not block.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        clock: Callable[[], float] = monotonic,
        heard: Callable[[ChildNews], None] = lambda _: None,
    ) -> None:
        self._children = children
        self._heard = heard
        self._clock = clock
        self._stop = asyncio.Event()
        self._revive = {child.role: asyncio.Event() for child in children}

    def stop(self) -> None:
        """Begin a clean end of everything."""
        self._stop.set()

    def revive(self) -> None:
        """Start again what had ended deliberately or was given up."""
        for event in self._revive.values():
            event.set()

    async def run(self) -> None:
        """Supervise until `stop`; every child has ended when this returns."""
        async with asyncio.TaskGroup() as tasks:
            for child in self._children:
                tasks.create_task(self._supervise(child))

    async def _supervise(self, child: Child) -> None:
        crashes = CrashRecord()
        while not self._stop.is_set():
            try:
                status: int | None = await self._run_once(child)
            except OSError as error:  # of this child only: the others must not go down with it
                logger.warning("%s cannot be started reason=%s", child.role, error)
                status = None
            if self._stop.is_set():
                return
            if status in DELIBERATE_EXITS:
                logger.info("%s ended status=%s, not restarted", child.role, status)
                self._heard(ChildNews(child.role, News.ENDED, status=status))
                await self._until_revived(child.role)
                continue
            delay_s = crashes.delay_s(self._clock())
            kind, count = News.GIVEN_UP if delay_s is None else News.CRASHED, len(crashes.times_s)
            self._heard(ChildNews(child.role, kind, status=status, crashes=count))
            if delay_s is None:
                logger.critical("%s keeps crashing status=%s, given up", child.role, status)
                await self._until_revived(child.role)
                crashes = CrashRecord()
                continue
            logger.warning("%s crashed status=%s restart_in_s=%s", child.role, status, delay_s)
            await self._wait(self._stop.wait(), delay_s)

    async def _run_once(self, child: Child) -> int:
        self._revive[child.role].clear()
        child.output.parent.mkdir(parents=True, exist_ok=True)
        with child.output.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *child.command,
                env=dict(child.environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        logger.info("%s started pid=%s", child.role, process.pid)
        self._heard(ChildNews(child.role, News.STARTED, pid=process.pid))
        ended = asyncio.ensure_future(process.wait())
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            await self._end(child.role, process)
        return await ended

    async def _end(self, role: Role, process: Process) -> None:
        with suppress(ProcessLookupError):  # it may have ended this instant
            process.terminate()
        if not await self._wait(process.wait(), STOP_GRACE_S):
            logger.warning("%s did not end in %s s, killed pid=%s", role, STOP_GRACE_S, process.pid)
            with suppress(ProcessLookupError):
                process.kill()

    async def _until_revived(self, role: Role) -> None:
        revived = asyncio.ensure_future(self._revive[role].wait())
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({revived, stopping}, return_when=asyncio.FIRST_COMPLETED)
        revived.cancel()
        stopping.cancel()

    @staticmethod
    async def _wait(event: Awaitable[object], timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await event
        except TimeoutError:
            return False
        return True
