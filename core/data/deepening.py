"""The 1m history behind the window: in the background, one symbol after the other."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from filelock import Timeout

from core.config import Settings
from core.data.backfill import PAGE_ROWS, Backfill
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.fill_lock import fill_lock
from core.data.gaps import gaps
from core.data.pace import Pace
from core.data.reconnect import reconnect_delays
from core.data.weight_budget import klines_weight
from core.model.intervals import MINUTE_MS, Interval

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_RETRY_FIRST_S = 2.0
_RETRY_CEILING_S = 60.0
_PAGES_PER_FLUSH = 5
# A row that nobody could read is left out of a page; looked for so often, it is really absent.
_MOST_LOOKS = 4


class Deepening:
    """
    Fills the 1m history back to ``history_days``, newest first and without haste.

    Args:
        settings: How many days.
        store: Where they go.
        backfill: Who fetches them.
        ready: Returns the symbols whose history is wanted and may be asked for now, the most
            urgent first.
        save: Called now and then, so that a crash does not cost all of it.
        pace: Keeps the way free for what is in a hurry.
        sleep: Time, for tests.

    Attributes:
        progress: What is being filled and how far it is, for people; empty when nothing is.
    """

    def __init__(
        self,
        settings: Settings,
        store: DataStore,
        backfill: Backfill,
        *,
        ready: Callable[[], tuple[str, ...]],
        save: Callable[[], Awaitable[None]],
        pace: Pace,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.progress = ""
        self._span_ms = settings.data.history_days * Interval.D1.duration_ms
        self._store = store
        self._backfill = backfill
        self._ready = ready
        self._save = save
        self._pace = pace
        self._sleep = sleep
        self._done: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._looks: Counter[str] = Counter()

    def again(self, symbol: str) -> None:
        """Fill a symbol once more: what was there is gone."""
        self._done.discard(symbol)
        self._looks.pop(symbol, None)

    async def run(self) -> None:
        """Fill what is wanted until cancelled."""
        delays = reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
        while True:
            waiting = [symbol for symbol in self._ready() if symbol not in self._done]
            if not waiting:
                await self._sleep(_LOOK_EVERY_S)
                continue
            symbol = min(waiting, key=self._failures.__getitem__)  # of equal ones the first
            self._done.add(symbol)
            if await self._filled(symbol):
                delays = reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
            else:
                self._done.discard(symbol)
                self._failures[symbol] += 1
                await self._sleep(next(delays))

    async def _filled(self, symbol: str) -> bool:
        """Fill one symbol; return whether that is all that can be done for it."""
        try:
            async with fill_lock(self._store, symbol, Interval.M1, sleep=self._sleep):
                lacking = await self._fill(symbol)
        except (RestError, OSError, Timeout) as error:
            logger.warning("history not filled: symbol=%s reason=%s", symbol, error)
            return False
        finally:
            self.progress = ""
        self._looks[symbol] += 1
        return not lacking or self._looks[symbol] >= _MOST_LOOKS

    async def _fill(self, symbol: str) -> int:
        """Return how many bars are missing between those that the exchange told."""
        minute = Interval.M1
        times = await asyncio.to_thread(self._store.open_times, symbol, minute)
        if not times.size:
            return 0
        oldest_ms, newest_ms = int(times[0]), int(times[-1])
        start_ms = newest_ms + MINUTE_MS - self._span_ms
        pages = [
            page
            for gap in gaps(times, minute, start_ms, newest_ms)
            for page in gap.pages(minute, PAGE_ROWS)
        ]
        for done, page in enumerate(reversed(pages)):
            self.progress = f"history of {symbol} {done / len(pages):.0%}"
            if not await self._backfill.fetch(symbol, minute, page) and page.end_ms < oldest_ms:
                break  # the symbol was not listed yet
            if done % _PAGES_PER_FLUSH == _PAGES_PER_FLUSH - 1:
                await self._save()
            await self._pace.spent(klines_weight(page.bars(minute)))
        if not pages:
            return 0
        await self._save()
        times = await asyncio.to_thread(self._store.open_times, symbol, minute)
        left = gaps(times, minute, max(start_ms, int(times[0])), newest_ms)
        lacking = sum(gap.bars(minute) for gap in left)
        logger.info("history filled: symbol=%s pages=%d lacking=%d", symbol, len(pages), lacking)
        return lacking
