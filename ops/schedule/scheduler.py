"""The schedule in the engine: looks what is due, and has a child process do it."""

import asyncio
import logging
import os
import random
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from core.attempts import FAILURES
from core.config import Home, ScheduleSettings
from core.emergency_latch import EmergencyLatch
from ops.launch import main_command
from ops.schedule.due import FIRST_RETRY_S, due
from ops.schedule.record import recorded

logger = logging.getLogger("ops.schedule")

LOOK_EVERY_S: Final = 30.0
SETTLED_AFTER_S: Final = 120.0
"""After a start, or after sleep: the feed comes first."""
SPREAD_S: Final = 60.0
"""Installations that wake at the same time do not all begin in the same second."""
_SLEPT_S: Final = 60.0  # so much more wall time than looked for: the machine was asleep
_LONGEST_S: Final = 3_600.0
_ENDS_WITHIN_S: Final = 1.0  # the engine's own clean end has 5 s


class Scheduler:
    """
    Have a home taken care of as it is scheduled; an engine runs one.

    The work is that of a child with less priority: backups and compacting never delay the loop.

    Args:
        home: Whose.
        schedule: When.
        work: Does what is due, and tells its exit status; by default a process of ours.
        clock: Seconds since the epoch.
        monotonic: Seconds that no one sets.
        sleep: Waits.
        spread: A share, 0 to 1, of `SPREAD_S`.
    """

    def __init__(
        self,
        home: Home,
        schedule: ScheduleSettings,
        *,
        work: Callable[[Home], Awaitable[int]] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._home = home
        self._schedule = schedule
        self._work = work or maintained
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._spread = spread
        self._latch = EmergencyLatch(home.emergency_latch)

    async def run(self) -> None:
        """Look every half minute, for ever; nothing of it ends the caller."""
        if not self._schedule.enabled:
            return
        not_before_s = self._settled_s()
        looked_s = self._clock()
        while True:
            await self._sleep(LOOK_EVERY_S)
            last_s, looked_s = looked_s, self._clock()
            if looked_s - last_s > LOOK_EVERY_S + _SLEPT_S:
                not_before_s = max(not_before_s, self._settled_s())
            if self._monotonic() < not_before_s:
                continue
            status = await self._done_if_due()
            looked_s = self._clock()  # that was work, not sleep
            if status != 0:
                logger.warning("maintenance: tried again later status=%s", status)
                # Whatever the record says, which may be what cannot be written.
                not_before_s = self._monotonic() + FIRST_RETRY_S

    async def _done_if_due(self) -> int:
        try:
            if not await asyncio.to_thread(self._is_due):
                return 0
            return await self._work(self._home)
        except (OSError, *FAILURES):
            logger.exception("maintenance: it cannot be told what is due")
            return 1

    def _is_due(self) -> bool:
        latched = bool(self._latch())
        return bool(due(self._schedule, recorded(self._home), self._clock(), latched=latched))

    def _settled_s(self) -> float:
        return self._monotonic() + SETTLED_AFTER_S + SPREAD_S * self._spread()


async def maintained(
    home: Home, *, command: Sequence[str] = (), longest_s: float = _LONGEST_S
) -> int:
    """
    Have a child do what is due in a home; its exit status, 1 when it cannot be started.

    Cancelled, or after ``longest_s``, it ends the child first.
    """
    try:
        with (home.logs / "console.log").open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *(command or main_command("maintenance", "--due")),
                env={**os.environ, "TRADING_HOME": str(home.root)},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
    except OSError as error:
        logger.warning("maintenance cannot be started why=%s", error)
        return 1
    try:
        async with asyncio.timeout(longest_s):
            return await child.wait()
    except TimeoutError:
        logger.warning("maintenance took more than %.0f s and is ended", longest_s)
        return 1
    finally:
        await _end(child)


async def _end(child: Process) -> None:
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(_ENDS_WITHIN_S):
            await child.wait()
            return
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()
