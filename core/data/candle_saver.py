"""Writing candles to disk now and then, whatever the disk says to that."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.data.data_store import DataStore
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

FLUSH_EVERY_S = 60.0


class CandleSaver:
    """
    Saves the store in the background; a disk that fails is told once, and tried again.

    Args:
        store: What is saved.
        lost: Told of a series whose file somebody has deleted.
        sleep: Time, for tests.

    Attributes:
        alarm: Why saving fails, for people; empty when it does not.
    """

    def __init__(
        self,
        store: DataStore,
        lost: Callable[[str, Interval], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.alarm = ""
        self._store = store
        self._lost = lost
        self._sleep = sleep

    async def run(self) -> None:
        """Save now and then until cancelled."""
        while True:
            await self._sleep(FLUSH_EVERY_S)
            await self.save()

    async def save(self, *, everything: bool = False) -> None:
        """Save now what is due, or ``everything``; what fails stays for the next time."""
        try:
            await asyncio.to_thread(self._store.flush, everything=everything)
        except OSError as error:
            self._tell(self._store.alarm or str(error))
        else:
            self._tell(self._store.alarm)
        for symbol, interval in self._store.vanished():  # the store has logged how many
            self._lost(symbol, interval)

    def _tell(self, alarm: str) -> None:
        if alarm and not self.alarm:
            logger.error("candles not saved, will retry: reason=%s", alarm)
        if self.alarm and not alarm:
            logger.info("candles are saved again")
        self.alarm = alarm
