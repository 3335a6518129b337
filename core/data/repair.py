"""Closing the holes of one symbol's 1m candles, in the order they are announced."""

import asyncio
import logging
from collections.abc import Callable

from core.data.backfill import Backfill
from core.data.bar_sequence import BarSequence
from core.data.gaps import Gap
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

logger = logging.getLogger(__name__)

# REST may lag behind the stream: waits before it is asked again for a bar it did not have. After
# the last of them, a bar that it has later ones of counts as never printed.
_PATIENCE_S = (0.2, 0.4, 0.8, 1.6, 3.2)


class Repair:
    """
    Knows what is owed for one symbol and fetches it.

    Attributes:
        wanted: Set when there may be something to do.
        trouble: Why it could not be done; empty when it could.
        begins_ms: Oldest bar the exchange has, where that lies within the window.
    """

    def __init__(
        self,
        symbol: str,
        sequence: BarSequence,
        backfill: Backfill,
        *,
        window_candles: int,
        market_ms: Callable[[], int | None],
    ) -> None:
        self.wanted = asyncio.Event()
        self.trouble = ""
        self.begins_ms = 0
        self._symbol = symbol
        self._sequence = sequence
        self._backfill = backfill
        self._window_candles = window_candles
        self._market_ms = market_ms
        self._connects, self._checked = 0, -1  # the connect that was counted, that was caught up
        self._doubts: set[int] = set()
        self._vain: tuple[int, int] = (0, 0)

    @property
    def pending(self) -> bool:
        """Whether bars may have been missed since the last connect."""
        return self._checked < self._connects

    def connected(self) -> None:
        """Ask again for what may have been missed."""
        self._connects += 1
        self.wanted.set()

    def doubt(self, open_time_ms: int) -> None:
        """Ask again for a bar of which two versions were told."""
        self._doubts.add(open_time_ms)
        self.wanted.set()

    async def run_once(self, announce: Callable[[CandleUpdate], None]) -> float:
        """
        Fetch what is owed now and announce what had been held up by it.

        Returns:
            How long to wait, in seconds, before looking again; zero when nothing is owed.

        Raises:
            RestError: If the exchange fails; what is owed stays owed.
        """
        if self.pending:
            connects = self._connects
            await self._after_connect(announce)
            self._checked = connects  # unless another connect came meanwhile, nothing is pending
        for open_time_ms in sorted(self._doubts):
            await self._backfill.fetch(self._symbol, Interval.M1, Gap(open_time_ms, open_time_ms))
            self._doubts.discard(open_time_ms)
        hole = self._hole()
        if hole is None:
            return 0.0
        await self._fetch_announced(hole, announce)
        return await self._judge(hole, announce)

    def _hole(self) -> Gap | None:
        market_ms = self._market_ms()
        return None if market_ms is None else self._sequence.hole(market_ms)

    async def _after_connect(self, announce: Callable[[CandleUpdate], None]) -> None:
        minute = Interval.M1
        end_ms = await self._backfill.newest_closed_ms(self._symbol, minute)
        if end_ms is None:
            return
        last_ms = self._sequence.last_ms
        if last_ms is not None and last_ms <= end_ms:
            # From the last known bar on, so that a differing version of it is seen.
            await self._fetch_announced(Gap(last_ms, end_ms), announce)
        start_ms = end_ms - (self._window_candles - 1) * MINUTE_MS
        missing = await asyncio.to_thread(
            self._backfill.missing, self._symbol, minute, start_ms, end_ms
        )
        for gap in reversed(missing):
            rows = await self._backfill.fetch(self._symbol, minute, gap)
            if gap.start_ms == start_ms and rows:
                self.begins_ms = rows[0].open_time_ms
        self._sequence.begin_after(end_ms)

    async def _fetch_announced(self, gap: Gap, announce: Callable[[CandleUpdate], None]) -> None:
        for page in gap.pages(Interval.M1, self._window_candles):
            for candle in await self._backfill.fetch(self._symbol, Interval.M1, page):
                told_ms = self._told_ms(gap)
                update = CandleUpdate(
                    self._symbol, Interval.M1, candle, True, told_ms, from_rest=True
                )
                for released in self._sequence.offer(update):
                    announce(released)

    def _told_ms(self, closed: Gap) -> int:
        """
        Return the market time at which REST told of bars that have closed.

        Before the first frame after a pause the clock still stands where it was: what was
        missed must not look as if it had just closed, so the latest time that can be is taken.
        """
        market_ms, over_ms = self._market_ms() or 0, closed.end_ms + MINUTE_MS
        return market_ms if market_ms >= over_ms else over_ms + MINUTE_MS - 1

    async def _judge(self, hole: Gap, announce: Callable[[CandleUpdate], None]) -> float:
        """Be patient with bars that REST did not have either; in the end do without them."""
        left = self._hole()
        if left is None or left.start_ms > hole.end_ms:
            return 0.0
        first, attempts = self._vain
        attempts = attempts + 1 if first == left.start_ms else 0
        self._vain = (left.start_ms, attempts)
        if attempts < len(_PATIENCE_S):
            return _PATIENCE_S[attempts]
        newest_ms = await self._backfill.newest_closed_ms(self._symbol, Interval.M1)
        if newest_ms is None or newest_ms < left.start_ms:
            return _PATIENCE_S[-1]  # not absent, but not there yet, whatever the stream says
        absent = Gap(left.start_ms, min(left.end_ms, hole.end_ms, newest_ms))
        logger.warning(
            "the exchange has no such bars: symbol=%s from_ms=%d to_ms=%d",
            self._symbol,
            absent.start_ms,
            absent.end_ms,
        )
        for released in self._sequence.pass_over(absent):
            announce(released)
        return 0.0
