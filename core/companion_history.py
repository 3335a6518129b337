"""History of the intervals beside the one that is decided on: in the background, without haste."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from core.data.errors import RestError
from core.model.intervals import Interval

logger = logging.getLogger(__name__)


class CompanionHistory:
    """
    Load series one after the other, so that whatever is in a hurry passes between two of them.

    No evaluation waits for it: until a series is there, what rests on it is unknown.

    Args:
        ensure: Loads the newest so many bars of a series, once; it may raise `RestError`.
        bars: How many of which intervals.
    """

    def __init__(
        self,
        ensure: Callable[[str, Interval, int], Awaitable[None]],
        bars: Mapping[Interval, int],
    ) -> None:
        self._ensure = ensure
        self._bars = bars
        self._wanted: dict[str, None] = {}  # in the order in which they were wanted
        self._any = asyncio.Event()
        self._told: set[tuple[str, Interval]] = set()

    def want(self, symbol: str) -> None:
        """See to a symbol's series as soon as those wanted before it are done."""
        self._wanted[symbol] = None
        self._any.set()

    async def run(self) -> None:
        """Load what is wanted until cancelled."""
        while True:
            await self._any.wait()
            for symbol in list(self._wanted):
                for interval in self._bars:
                    await self._load(symbol, interval)
                del self._wanted[symbol]
            if not self._wanted:
                self._any.clear()

    async def _load(self, symbol: str, interval: Interval) -> None:
        try:
            await self._ensure(symbol, interval, self._bars[interval])
        except RestError as error:
            if (symbol, interval) not in self._told:
                self._told.add((symbol, interval))
                logger.warning(
                    "timeframe unknown for now symbol=%s interval=%s reason=%s",
                    symbol,
                    interval.value,
                    error,
                )
