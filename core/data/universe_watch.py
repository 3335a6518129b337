"""Asking which symbols there are, now and every few minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.data.errors import RestError
from core.data.feed_status import SymbolUniverse
from core.data.reconnect import reconnect_delays

logger = logging.getLogger(__name__)

REFRESH_EVERY_S = 300.0
_RETRY_FIRST_S = 1.0
_RETRY_CEILING_S = 30.0
_SHORTEST_WAIT_S = 0.05


class UniverseWatch:
    """
    Keeps the list of symbols current.

    Args:
        universe: Who asks.
        changed: Called after each answer.
        sleep: Time, for tests.

    Attributes:
        trouble: Why the list is not current, for people; empty when it is.
    """

    def __init__(
        self,
        universe: SymbolUniverse,
        changed: Callable[[], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.trouble = ""
        self._universe = universe
        self._changed = changed
        self._sleep = sleep

    async def run(self) -> None:
        """Ask until cancelled; a failure is tried again sooner."""
        delays = reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
        while True:
            try:
                changes = await self._universe.refresh()
            except RestError as error:
                if not self.trouble:
                    logger.warning("list of symbols not fetched, will retry: reason=%s", error)
                self.trouble = f"the list of symbols is not current: {error}"
                await self._sleep(max(next(delays), _SHORTEST_WAIT_S))
                continue
            for note in changes.notes:
                logger.info("universe: %s", note)
            self.trouble = ""
            delays = reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
            self._changed()
            await self._sleep(REFRESH_EVERY_S)
