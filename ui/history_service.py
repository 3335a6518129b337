"""Fetch what a page wants to show and nobody has loaded yet, beside everything else."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias

from core.data.errors import DataError
from core.model.intervals import Interval
from ui.look import PLAIN
from ui.services import Feed
from ui.view import View

logger = logging.getLogger(__name__)

RETRY_S = 10.0
_BEFORE_FIRST_CANDLES = 500
"""Of a chart that was panned back, for what its overlays need before the first candle drawn."""

_Wanted: TypeAlias = tuple[str, int | None]
"""A market, and how many of its candles; None for as many as are fetched at first."""


class HistoryService:
    """
    Own one task per market, and depth of its history, being fetched; tell when it is there.

    Args:
        arrived: Called with the symbol, on the event loop.
    """

    def __init__(
        self, feed: Feed, arrived: Callable[[str], None], monotonic: Callable[[], float]
    ) -> None:
        self._feed = feed
        self._arrived = arrived
        self._monotonic = monotonic
        self._tasks: dict[_Wanted, asyncio.Task[None]] = {}
        self._failed: dict[_Wanted, tuple[float, str]] = {}

    def want(self, view: View, companions: Iterable[Interval] = ()) -> None:
        """Begin to fetch ``view``'s market unless that is under way, done or just failed."""
        for interval in companions:
            self.want(replace(view, interval=interval, look=PLAIN))
        wanted = _wanted(view)
        task = self._tasks.get(wanted)
        failed_s, _ = self._failed.get(wanted, (-RETRY_S, ""))
        if task is not None and not (task.done() and wanted in self._failed):
            return
        if self._monotonic() - failed_s >= RETRY_S:
            self._failed.pop(wanted, None)
            self._tasks[wanted] = asyncio.create_task(self._fetch(view, wanted))

    def note(self, view: View) -> str:
        """Say in a line what is missing of ``view``'s history; empty when that is nothing."""
        wanted = _wanted(view)
        if wanted in self._failed:
            return f"History of {view.symbol} {view.interval.value}: {self._failed[wanted][1]}"
        task = self._tasks.get(wanted)
        if task is not None and not task.done():
            return f"Fetching {view.interval.value} history of {view.symbol}"
        return ""

    async def close(self) -> None:
        """Cancel and await what is under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _fetch(self, view: View, wanted: _Wanted) -> None:
        try:
            await self._feed.ensure(view.symbol, view.interval, wanted[1])
        except DataError as error:
            logger.warning("history not loaded: market=%s reason=%s", view.market, error)
            self._failed[wanted] = (self._monotonic(), str(error))
        self._arrived(view.symbol)


def _wanted(view: View) -> _Wanted:
    bars = view.look.bars
    return view.market, None if bars is None else bars + _BEFORE_FIRST_CANDLES
