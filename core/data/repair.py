"""Closing the holes of one symbol's 1m candles, in the order they are announced."""

import asyncio
import logging
import time
from collections.abc import Callable

from core.data.absent_bars import AbsentBars
from core.data.backfill import PAGE_ROWS, Backfill
from core.data.bar_sequence import BarSequence
from core.model.candles import Candle, CandleUpdate
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval

logger = logging.getLogger(__name__)

# REST may lag behind the stream: waits before it is asked again for a bar it did not have. After
# the last of them, a bar that it has later ones of counts as absent.
_PATIENCE_S = (0.2, 0.4, 0.8, 1.6, 3.2)
# Contradictions may come with every frame; what is in doubt is collected and asked for together.
DOUBTS_EVERY_S = 5.0
# A market with sessions prints nothing between two of them; what is shorter is a hole.
_SHORTEST_BREAK = 30
_M1 = Interval.M1


class Repair:
    """
    Knows what is owed for one symbol and fetches it.

    Attributes:
        absent: Bars that REST could not tell.
        begins_ms: Oldest bar the exchange has, where that lies within the window.
        market_open: Whether bars are due by the clock; later bars prove them due in any case.
        has_sessions: Whether the market closes at times.
    """

    def __init__(
        self,
        symbol: str,
        sequence: BarSequence,
        backfill: Backfill,
        *,
        window_candles: int,
        market_ms: Callable[[], int | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.absent = AbsentBars()
        self.begins_ms = 0
        self.market_open = True
        self.has_sessions = False
        self.window_candles = window_candles
        self._symbol = symbol
        self._sequence = sequence
        self._backfill = backfill
        self._market_ms = market_ms
        self._monotonic = monotonic
        self._asked, self._checked = 1, 0  # which request to look is the newest, which was done
        self._doubts: set[int] = set()
        self._doubted_s = float("-inf")
        self._vain: tuple[int, int] = (0, 0)

    @property
    def pending(self) -> bool:
        """Whether bars may have been missed and nobody has looked yet."""
        return self._checked < self._asked

    def check(self) -> None:
        """Ask again for what may have been missed."""
        self._asked += 1

    def doubt(self, open_time_ms: int) -> None:
        """Ask again for a bar of which two versions were told."""
        self._doubts.add(open_time_ms)

    def due(self) -> bool:
        """Whether REST should be asked for something that could wait until now."""
        now_s = self._monotonic()
        return self._in_doubt(now_s) or bool(self.absent.due(now_s))

    def hole(self) -> Gap | None:
        """Return the closed bars that are overdue now; None when none are."""
        market_ms = self._market_ms() if self.market_open else 0
        return None if market_ms is None else self._sequence.hole(market_ms)

    async def run_once(self, announce: Callable[[CandleUpdate], None]) -> float:
        """
        Fetch what is owed now and announce what had been held up by it.

        Returns:
            How long to wait, in seconds, before looking again; zero when nothing is owed.

        Raises:
            RestError: If the exchange fails; what is owed stays owed.
        """
        if self.pending:
            asked = self._asked
            await self._catch_up(announce)
            self._checked = asked  # unless it was asked for meanwhile, nothing is pending
        await self._settle_doubts()
        await self._ask_again()
        hole = self.hole()
        if hole is None:
            return 0.0
        await self._fetch_announced(hole, announce)
        return await self._judge(hole, announce)

    async def _catch_up(self, announce: Callable[[CandleUpdate], None]) -> None:
        newest = await self._backfill.newest(self._symbol, self.window_candles)
        if newest is None:
            return
        end_ms, last_ms = newest.end_ms, self._sequence.last_ms
        if last_ms is not None and last_ms <= end_ms:
            # From the last known bar on, so that a differing version of it is seen.
            told = [candle for candle in newest.candles if candle.open_time_ms >= last_ms]
            if told and told[0].open_time_ms == last_ms:
                self._announce(told, Gap(last_ms, end_ms), announce)
            else:
                await self._fetch_announced(Gap(last_ms, end_ms), announce, over=True)
        await self._fill_window(end_ms - (self.window_candles - 1) * MINUTE_MS, end_ms)
        self._sequence.begin_after(end_ms)

    async def _fill_window(self, start_ms: int, end_ms: int) -> None:
        missing = await self._missing(start_ms, end_ms)
        for gap in reversed(missing):
            await self._backfill.fetch(self._symbol, _M1, gap)
        left = await self._missing(start_ms, end_ms) if missing else []
        self.begins_ms = 0
        if left and left[0].start_ms == start_ms:
            earlier = await self._backfill.earlier(self._symbol, start_ms)
            if not earlier:
                self.begins_ms = left.pop(0).end_ms + MINUTE_MS
        left = [gap for gap in left if not self._is_break(gap)]
        now_s = self._monotonic()
        self.absent.forget_before(max(start_ms, self.begins_ms))
        known = {at for gap in left for at in range(gap.start_ms, gap.end_ms + 1, MINUTE_MS)}
        self.absent.filled(
            at
            for gap in self.absent.gaps()
            for at in range(gap.start_ms, min(gap.end_ms, end_ms) + 1, MINUTE_MS)
            if at not in known
        )
        for gap in left:
            self.absent.add(gap, now_s)

    async def _missing(self, start_ms: int, end_ms: int) -> list[Gap]:
        return await asyncio.to_thread(self._backfill.missing, self._symbol, _M1, start_ms, end_ms)

    def _is_break(self, gap: Gap) -> bool:
        """Whether what REST does not have lies between two sessions."""
        return self.has_sessions and gap.bars(_M1) >= _SHORTEST_BREAK

    def _in_doubt(self, now_s: float) -> bool:
        return bool(self._doubts) and now_s - self._doubted_s >= DOUBTS_EVERY_S

    async def _settle_doubts(self) -> None:
        now_s = self._monotonic()
        if not self._in_doubt(now_s):
            return
        doubts, self._doubted_s = set(self._doubts), now_s
        span = Gap(min(doubts), max(doubts))
        for candle in await self._backfill.fetch(self._symbol, _M1, span):
            if candle.open_time_ms in doubts:
                self._sequence.settle(candle)
        self._doubts -= doubts

    async def _ask_again(self) -> None:
        """Ask for absent bars once more: REST may have them late."""
        for gap in self.absent.due(self._monotonic()):
            rows = await self._backfill.fetch(self._symbol, _M1, gap)
            self.absent.filled(row.open_time_ms for row in rows)
            self.absent.asked(gap, self._monotonic())
            if rows:
                logger.info("late candles came: symbol=%s bars=%d", self._symbol, len(rows))

    async def _fetch_announced(
        self, gap: Gap, announce: Callable[[CandleUpdate], None], *, over: bool = False
    ) -> None:
        """Fetch a gap; ``over`` says that its bars are known to have closed."""
        for page in gap.pages(_M1, PAGE_ROWS - 1):
            rows = await self._backfill.fetch(self._symbol, _M1, page, over=over)
            self._announce(rows, gap, announce)

    def _announce(
        self, rows: list[Candle], gap: Gap, announce: Callable[[CandleUpdate], None]
    ) -> None:
        told_ms = self._told_ms(gap)
        for candle in rows:
            update = CandleUpdate(self._symbol, _M1, candle, True, told_ms, from_rest=True)
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
        left = self.hole()
        if left is None or left.start_ms > hole.end_ms:
            return 0.0
        first, attempts = self._vain
        attempts = attempts + 1 if first == left.start_ms else 0
        self._vain = (left.start_ms, attempts)
        if attempts < len(_PATIENCE_S):
            return _PATIENCE_S[attempts]
        newest_ms = await self._backfill.newest_closed_ms(self._symbol, _M1)
        if newest_ms is None or newest_ms < left.start_ms:
            # Not absent, but not there yet; and what only a frame told of may have been damaged.
            self._sequence.disbelieve((newest_ms or 0) + MINUTE_MS)
            return _PATIENCE_S[-1]
        absent = Gap(left.start_ms, min(left.end_ms, hole.end_ms, newest_ms))
        released = self._sequence.pass_over(absent, self._market_ms() or 0)
        if released:
            absent = Gap(absent.start_ms, released[0].candle.open_time_ms - MINUTE_MS)
        self.absent.forget_before(absent.end_ms - self.window_candles * MINUTE_MS)
        if not self._is_break(absent):
            self.absent.add(absent, self._monotonic())
            logger.warning(
                "the exchange has no such bars: symbol=%s from_ms=%d to_ms=%d",
                self._symbol,
                absent.start_ms,
                absent.end_ms,
            )
        for update in released:
            announce(update)
        return 0.0
