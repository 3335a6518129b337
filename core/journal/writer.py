"""The one thread that writes the journal, and its patience with a full disk or a lock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.journal.errors import UnavailableJournalError
from core.journal.slowest_write import SlowestWrite
from core.tally import Distribution, Spread

logger = logging.getLogger(__name__)

_PAUSE_S = 1.0
_COMPLAIN_EVERY_S = 60.0
# A decision with all its features is some 5 kB.
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class WriterFigures:
    """
    What came of writes since the start.

    Attributes:
        seconds: How long each took once it was its turn, waiting for a lock included.
        refused: How many were refused for a reason that may pass.
        waiting: How many must be kept and are not written yet.
    """

    seconds: Spread
    refused: int
    waiting: int


class JournalWriter:
    """
    Run journal methods one after the other in the order asked, off the event loop.

    A full disk or somebody else's long transaction passes: what must be kept is repeated until it
    is written. Each write is whole or absent, so nothing is written twice.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._monotonic = monotonic
        self._sleep = sleep
        self._most_waiting = most_waiting
        self._turn = asyncio.Lock()  # first come, first served
        self._unavailable = asyncio.Event()
        self._reason = ""
        self._since_s = 0.0
        self._failed_s = self._told_s = float("-inf")
        self._told = False
        self._waiting = 0
        self._left_out = 0
        self._refused = 0
        self._took_s = Distribution()
        self._slowest = SlowestWrite()

    @property
    def figures(self) -> WriterFigures:
        """What came of writes so far."""
        return WriterFigures(self._took_s.spread(), self._refused, self._waiting)

    @property
    def slowest_ms(self) -> float | None:
        """Duration of the slowest write of the last minute, one under way included."""
        return self._slowest.slowest_ms(self._monotonic())

    @property
    def alarm(self) -> str:
        """Why nothing can be written just now, and for how long; empty when all is well."""
        if not self._unavailable.is_set():
            return ""
        return f"journal not written for {self._monotonic() - self._since_s:.0f} s: {self._reason}"

    def failed_since(self, instant_s: float) -> bool:
        """Whether a write was refused at or after an instant of the monotonic clock."""
        return self._failed_s >= instant_s

    async def write(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """
        Call ``method`` on the writer thread, until it can be done, and return what it does.

        Raises:
            JournalError: If it fails for a reason that waiting does not cure.
        """
        self._waiting += 1
        try:
            async with self._turn:
                while True:
                    try:
                        return await self._attempt(method, *arguments, **named)
                    except UnavailableJournalError:
                        await self._sleep(_PAUSE_S)
        finally:
            self._waiting -= 1

    async def offer(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """
        Call ``method`` if that can be done now; leave it out if not.

        Raises:
            JournalError: If it fails for a reason that waiting does not cure.
        """
        known = self._unavailable.is_set()
        if known and self._turn.locked():  # somebody finds out already when it can be done again
            self._left_out += 1
            return
        attempt = asyncio.ensure_future(self._once(method, *arguments, **named))
        try:
            if not known:
                await self._done_or_unavailable(attempt)
            if known or attempt.done():
                await attempt
            else:
                self._left_out += 1
        except UnavailableJournalError:
            self._left_out += 1
        finally:
            attempt.cancel()

    async def settled(self, written: asyncio.Future[Any]) -> None:
        """
        Wait until something is written, or clear that it cannot be for now.

        Its result, or failure, is for the owner of ``written``. When too much waits to be
        written already, this waits until it is.
        """
        if self._waiting < self._most_waiting:
            await self._done_or_unavailable(written)
        else:
            await asyncio.wait({written})

    def close(self) -> None:
        """Wait for what has begun, and end the thread."""
        self._thread.shutdown()

    async def _once(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        async with self._turn:
            await self._attempt(method, *arguments, **named)

    async def _attempt(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._thread, lambda: self._timed(method, *arguments, **named)
            )
        except UnavailableJournalError as error:
            self._failed(str(error))
            raise
        self._worked()
        return found

    def _timed(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        begun_s = self._monotonic()
        self._slowest.begin(begun_s)
        try:
            return method(*arguments, **named)
        finally:
            ended_s = self._monotonic()
            self._slowest.end(ended_s)
            self._took_s.add(ended_s - begun_s)

    async def _done_or_unavailable(self, written: asyncio.Future[Any]) -> None:
        unavailable = asyncio.ensure_future(self._unavailable.wait())
        try:
            await asyncio.wait({written, unavailable}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            unavailable.cancel()

    def _failed(self, reason: str) -> None:
        self._failed_s = now_s = self._monotonic()
        self._refused += 1
        self._reason = reason
        if not self._unavailable.is_set():
            self._unavailable.set()
            self._since_s = now_s
        if now_s - self._told_s >= _COMPLAIN_EVERY_S:
            self._told_s, self._told = now_s, True
            logger.warning(
                "journal not written, will retry: for_s=%.0f waiting=%d left_out=%d reason=%s",
                now_s - self._since_s,
                self._waiting,
                self._left_out,
                reason,
            )

    def _worked(self) -> None:
        if not self._unavailable.is_set():
            return
        self._unavailable.clear()
        if self._told:
            logger.info(
                "journal written again: after_s=%.0f waiting=%d left_out=%d",
                self._monotonic() - self._since_s,
                self._waiting,
                self._left_out,
            )
            self._told, self._left_out = False, 0
