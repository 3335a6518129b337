"""The one thread that writes the journal, and its patience with a disk or a lock."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.journal.errors import JournalError

logger = logging.getLogger(__name__)

# A full disk or somebody else's long transaction passes; a restart would not end it sooner.
PATIENCE_S = 60.0
_PAUSE_S = 1.0


class JournalWriter:
    """
    Run journal methods one after the other, off the event loop.

    A write that fails is repeated for `PATIENCE_S`: each is whole or absent, so nothing is
    written twice.
    """

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._monotonic = monotonic
        self._sleep = sleep

    async def write(self, method: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """
        Call ``method`` on the writer thread and return what it does.

        Raises:
            JournalError: If it still fails when patience ends.
        """
        loop = asyncio.get_running_loop()
        until_s = self._monotonic() + PATIENCE_S
        while True:
            try:
                return await loop.run_in_executor(self._thread, lambda: method(*arguments, **named))
            except JournalError as error:
                if self._monotonic() >= until_s:
                    raise
                logger.warning("journal not written, will retry: reason=%s", error)
            await self._sleep(_PAUSE_S)

    def close(self) -> None:
        """Wait for what has begun, and end the thread."""
        self._thread.shutdown()
