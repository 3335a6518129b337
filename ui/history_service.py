"""Fetch what a page wants to show and nobody has loaded yet, beside everything else."""

import asyncio
import logging
from collections.abc import Callable

from core.data.errors import DataError
from ui.services import Feed
from ui.view import View

logger = logging.getLogger(__name__)

RETRY_S = 10.0


class HistoryService:
    """
    Own one task per market that is being fetched; tell when it is there.

    Args:
        arrived: Called with the symbol, on the event loop.
    """

    def __init__(
        self, feed: Feed, arrived: Callable[[str], None], monotonic: Callable[[], float]
    ) -> None:
        self._feed = feed
        self._arrived = arrived
        self._monotonic = monotonic
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: dict[str, tuple[float, str]] = {}

    def want(self, view: View) -> None:
        """Begin to fetch ``view``'s market unless that is under way, done or just failed."""
        task = self._tasks.get(view.market)
        failed_s, _ = self._failed.get(view.market, (-RETRY_S, ""))
        if task is not None and not (task.done() and view.market in self._failed):
            return
        if self._monotonic() - failed_s >= RETRY_S:
            self._failed.pop(view.market, None)
            self._tasks[view.market] = asyncio.create_task(self._fetch(view))

    def note(self, view: View) -> str:
        """Say in a line what is missing of ``view``'s history; empty when that is nothing."""
        if view.market in self._failed:
            return f"History of {view.symbol} {view.interval.value}: {self._failed[view.market][1]}"
        task = self._tasks.get(view.market)
        if task is not None and not task.done():
            return f"Fetching {view.interval.value} history of {view.symbol}"
        return ""

    async def close(self) -> None:
        """Cancel and await what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _fetch(self, view: View) -> None:
        try:
            await self._feed.ensure(view.symbol, view.interval)
        except DataError as error:
            logger.warning("history not loaded: market=%s reason=%s", view.market, error)
            self._failed[view.market] = (self._monotonic(), str(error))
        self._arrived(view.symbol)
