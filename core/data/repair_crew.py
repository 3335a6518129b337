"""A few workers that repair many symbols, those in focus first and the others without haste."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator

from core.data.backfill import PAGE_ROWS
from core.data.errors import RestError
from core.data.followed_symbol import FollowedSymbol
from core.data.pace import Pace
from core.data.reconnect import reconnect_delays
from core.data.weight_budget import klines_weight
from core.data.work_queue import WorkQueue
from core.model.candles import CandleUpdate
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

_WORKERS = 5
_RETRY_FIRST_S = 1.0
_RETRY_CEILING_S = 30.0
# What the exchange answers where the question is at fault: it does not know the symbol.
_BAD_REQUEST = 400
_REFUSED_S = 60.0
_COMPLAIN_EVERY_S = 60.0
# What a look at the window of a watched symbol costs.
_WINDOW_WEIGHT = 3


class RepairCrew:
    """
    Sees to it that what symbols lack is fetched.

    Args:
        find: Returns what is known of a symbol; None when it is followed no more.
        announce: Told of each candle that was held up.
        pace: Holds up those that are not in focus.
        sleep, monotonic: Time, for tests.
    """

    def __init__(
        self,
        find: Callable[[str], FollowedSymbol | None],
        announce: Callable[[CandleUpdate], None],
        pace: Pace,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._announce = announce
        self._pace = pace
        self._monotonic = monotonic
        self._queue = WorkQueue(
            self._repair, self._rank, workers=_WORKERS, urgent=self._is_focused, sleep=sleep
        )
        self._delays: dict[str, Iterator[float]] = {}
        self._complained_s: dict[str, float] = {}

    def want(self, symbol: str) -> None:
        """Have a symbol looked at."""
        self._queue.want(symbol)

    def forget(self, symbol: str) -> None:
        """Do not look at a symbol any more."""
        self._queue.forget(symbol)
        self._delays.pop(symbol, None)

    async def run(self) -> None:
        """Repair until cancelled."""
        await self._queue.run()

    async def _repair(self, symbol: str) -> float:
        followed = self._find(symbol)
        if followed is None:
            return 0.0
        weight = _weight(followed)
        try:
            rest_s = await followed.repair.run_once(self._announce)
        except RestError as error:
            return self._failed(followed, error)
        followed.trouble = followed.refused = ""
        self._delays.pop(symbol, None)
        if not followed.focused:
            await self._pace.spent(weight)
        return rest_s

    def _failed(self, followed: FollowedSymbol, error: RestError) -> float:
        if error.status == _BAD_REQUEST:
            self._complain("candles refused by the exchange", error)
            followed.refused, followed.trouble = str(error), ""
            return _REFUSED_S
        self._complain("candles not fetched, will retry", error)
        followed.trouble = str(error)
        delays = self._delays.setdefault(
            followed.symbol, reconnect_delays(_RETRY_FIRST_S, _RETRY_CEILING_S)
        )
        return max(next(delays), 0.01)

    def _complain(self, what: str, error: RestError) -> None:
        now_s = self._monotonic()
        if now_s - self._complained_s.get(what, float("-inf")) >= _COMPLAIN_EVERY_S:
            self._complained_s[what] = now_s
            logger.warning("%s: reason=%s", what, error)

    def _rank(self, symbol: str) -> int:
        followed = self._find(symbol)
        return followed.rank if followed is not None else -1

    def _is_focused(self, symbol: str) -> bool:
        followed = self._find(symbol)
        return followed is not None and followed.focused


def _weight(followed: FollowedSymbol) -> int:
    """Return about how much weight a look at a symbol costs."""
    hole = followed.repair.hole()
    window = _WINDOW_WEIGHT if followed.repair.pending else 0
    if hole is None:
        return max(window, 1)
    pages = hole.pages(Interval.M1, PAGE_ROWS - 1)
    return window + sum(klines_weight(page.bars(Interval.M1) + 1) for page in pages)
