"""From a closed bar to its rows: nobody else's bar, and no stop, waits for the analyst."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from core.attempts import FAILURES
from core.bar_evaluator import BarEvaluator
from core.data.market_feed import MarketFeed
from core.decision_book import LATEST_ROW_S, DecisionBook
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.evaluation import Exit
from core.model.intervals import Interval
from core.model.signal import Signal
from core.model.source import Source
from core.paper_desk import PaperDesk
from core.regime_book import RegimeBook
from core.telemetry import reason_of
from core.trading.account import Account

logger = logging.getLogger(__name__)

# Confirmed by REST later than this, or held up for longer by an earlier bar that was missing, a
# bar is history and no occasion to trade (DESIGN 7).
LATEST_CONFIRMATION_MS = 3_000


class BarDecider:
    """
    Have closed bars evaluated, and see that what comes of it is recorded and traded.

    Args:
        account: Returns a source's account at an instant of market time.
        tasks: In which everything goes on that must not be waited for.
        monotonic: The same as the generator's.
    """

    def __init__(
        self,
        feed: MarketFeed,
        evaluator: BarEvaluator,
        book: DecisionBook,
        desk: PaperDesk,
        regimes: RegimeBook,
        *,
        writer: JournalWriter,
        account: Callable[[Source, int], Account],
        tasks: asyncio.TaskGroup,
        interval: Interval,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._evaluator = evaluator
        self._book = book
        self._desk = desk
        self._regimes = regimes
        self._writer = writer
        self._account = account
        self._tasks = tasks
        self._interval = interval
        self._monotonic = monotonic
        self._held_until_s: dict[str, float] = {}

    async def begin(self, first: CandleUpdate) -> None:
        """Prepare for the bars of a symbol, and leave rows for those that nobody saw."""
        self._evaluator.begin(first.symbol)
        await self._noting_delay(first.symbol, self._book.record_missed(first))

    async def decide(self, update: CandleUpdate, heard_s: float) -> None:
        """
        Decide on the bar that a closed 1m candle completes.

        Returns when that is done, or when it waits for the analyst: then it goes on by itself.

        Args:
            update: The candle.
            heard_s: When it was heard of, by the monotonic clock.
        """
        asking = asyncio.Event()
        deciding = self._tasks.create_task(self._decide(update, heard_s, asking))
        waiting = asyncio.ensure_future(asking.wait())
        try:
            await asyncio.wait({deciding, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _decide(self, update: CandleUpdate, heard_s: float, asked: asyncio.Event) -> None:
        symbol = update.symbol
        await self._evaluator.load_history(symbol)
        instrument = self._feed.instruments.get(symbol)
        reason = self._unfit(update, heard_s)
        if instrument is None or reason:
            reason = reason or "the exchange's rules for this symbol are not known yet"
            open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
            await self._record(symbol, self._book.record_unfit(update, open_time_ms, reason))
            return

        reserved: list[Signal] = []

        def asking(shadows: Sequence[Signal], exits: Sequence[Exit], at_ms: int) -> None:
            self._book.reserve(shadows)
            reserved.extend(shadows)
            self._tasks.create_task(self._leave(symbol, exits, at_ms))
            asked.set()

        try:
            evaluation = await self._evaluator.evaluate(
                update,
                heard_s=heard_s,
                accounts=partial(self._account_now, update),
                instrument=instrument,
                asking=asking,
            )
        except FAILURES as error:
            # A defect of ours: this bar has no decision, all others and every stop go on.
            logger.exception("bar not decided on: symbol=%s", symbol)
            self._book.release(reserved)
            open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
            reason = f"the evaluation failed: {reason_of(error)}"
            await self._record(symbol, self._book.record_unfit(update, open_time_ms, reason))
            return
        early = asked.is_set()
        entered = (evaluation.signal,) if evaluation.signal is not None else ()
        self._book.reserve(entered if early else (*entered, *evaluation.shadows))
        # No await since the gate looked.
        exits = [e for e in evaluation.exits if not early or e.source is Source.POLICY]
        decided_ms = evaluation.decision.decided_ms
        await self._record(symbol, self._leave(symbol, exits, decided_ms))
        await self._record(symbol, self._book.record(evaluation))
        await self._regimes.record(evaluation)

    def _account_now(self, update: CandleUpdate, source: Source) -> Account:
        now_ms = self._feed.market_time_ms() or 0
        return self._account(source, max(update.event_time_ms, now_ms))

    async def _leave(self, symbol: str, exits: Sequence[Exit], at_ms: int) -> None:
        for each in exits:
            await self._desk.close(symbol, each.source, each.reason, at_ms)

    async def _record(self, symbol: str, writing: Coroutine[Any, Any, None]) -> None:
        """Wait for a row; while the journal cannot be written, let it come when it can."""
        written = self._tasks.create_task(writing)
        await self._noting_delay(symbol, self._writer.settled(written))

    async def _noting_delay(self, symbol: str, waiting: Coroutine[Any, Any, None]) -> None:
        begun_s = self._monotonic()
        await waiting
        if self._monotonic() - begun_s > LATEST_ROW_S:
            self._held_until_s[symbol] = self._monotonic()

    def _unfit(self, update: CandleUpdate, heard_s: float) -> str:
        """Return why a bar comes too late to be traded; nothing when it does not."""
        open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
        late_ms = update.event_time_ms - self._interval.close_time_ms(open_time_ms)
        if (update.from_rest or update.held) and late_ms > LATEST_CONFIRMATION_MS:
            return "the close of this bar was learnt too late"
        if heard_s < self._held_until_s.get(update.symbol, float("-inf")):
            return "this bar had to wait until the journal could be written"
        return ""
