"""From a closed bar to its rows: nobody else's bar, and no stop, waits for the analyst."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from core.answered import calls_of
from core.attempts import FAILURES
from core.bar_evaluator import BarEvaluator
from core.by_hand import ByHand
from core.data.market_feed import MarketFeed
from core.decision_book import LATEST_ROW_S, DecisionBook
from core.journal.writer import JournalWriter
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation
from core.model.intervals import Interval
from core.model.source import Source
from core.model.verdict import LlmCall
from core.regime_book import RegimeBook
from core.telemetry import reason_of
from core.trading.account import Account

logger = logging.getLogger(__name__)

# Confirmed by REST later than this, or held up for longer by an earlier bar that was missing, a
# bar is history and no occasion to trade (DESIGN 7).
LATEST_CONFIRMATION_MS = 3_000
# While a bar waits for its history, stops of the symbol are not walked: no longer than that.
HISTORY_PATIENCE_S = LATEST_CONFIRMATION_MS / 1e3


class BarDecider:
    """
    Have closed bars evaluated, and see that what comes of it is recorded and traded.

    Args:
        by_hand: Knows the accounts, with what is paused, and is told of each evaluation.
        tasks: In which everything goes on that must not be waited for.
        monotonic: The same as the generator's.
        patience_s: How long a bar waits for its history; then it is judged by what there is.
    """

    def __init__(
        self,
        feed: MarketFeed,
        evaluator: BarEvaluator,
        book: DecisionBook,
        regimes: RegimeBook,
        *,
        writer: JournalWriter,
        by_hand: ByHand,
        tasks: asyncio.TaskGroup,
        interval: Interval,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = HISTORY_PATIENCE_S,
    ) -> None:
        self._feed = feed
        self._evaluator = evaluator
        self._book = book
        self._regimes = regimes
        self._writer = writer
        self._by_hand = by_hand
        self._tasks = tasks
        self._interval = interval
        self._monotonic = monotonic
        self._patience_s = patience_s
        self._held_until_s: dict[str, float] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}

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
        await self._load_history(symbol)
        instrument = self._feed.instruments.get(symbol)
        reason = self._unfit(update, heard_s)
        if instrument is None or reason:
            reason = reason or "the exchange's rules for this symbol are not known yet"
            await self._record_unfit(update, reason)
            return

        begun: list[Evaluation] = []

        def asking(known: Evaluation) -> None:
            self._book.reserve(known.shadows)
            begun.append(known)
            leaving = self._book.leave(symbol, known.exits, known.decision.decided_ms)
            self._tasks.create_task(leaving)
            asked.set()

        try:
            evaluation = await self._evaluator.evaluate(
                update,
                heard_s=heard_s,
                accounts=partial(self._account_now, update),
                instrument=instrument,
                asking=asking,
            )
        except asyncio.CancelledError:
            for known in begun:
                await self._book.record_unanswered(known)
            raise
        except FAILURES as error:
            # A defect of ours: this bar has no decision, all others and every stop go on.
            logger.exception("bar not decided on: symbol=%s", symbol)
            for known in begun:
                self._book.release(known.shadows)
            reason = f"the evaluation failed: {reason_of(error)}"
            await self._record_unfit(update, reason, calls_of(error))
            return
        await self._carry_out(evaluation, early=bool(begun))

    async def _carry_out(self, evaluation: Evaluation, *, early: bool) -> None:
        """Record and trade; ``early`` says that the shadow accounts are served already."""
        self._by_hand.judged(evaluation.decision)
        entered = (evaluation.signal,) if evaluation.signal is not None else ()
        self._book.reserve(entered if early else (*entered, *evaluation.shadows))
        # No await since the gate looked.
        exits = [e for e in evaluation.exits if not early or e.source is Source.POLICY]
        symbol, decided_ms = evaluation.decision.key.symbol, evaluation.decision.decided_ms
        await self._record(symbol, self._book.leave(symbol, exits, decided_ms))
        await self._record(symbol, self._book.record(evaluation))
        await self._regimes.record(evaluation)

    async def _load_history(self, symbol: str) -> None:
        """Wait for the bars an evaluation looks back on, but not for long: it goes on beside."""
        loading = self._loading.get(symbol)
        if loading is None or loading.done():
            loading = self._tasks.create_task(self._evaluator.load_history(symbol))
            self._loading[symbol] = loading
        await asyncio.wait({loading}, timeout=self._patience_s)
        if not loading.done():
            logger.warning("history is still being loaded: symbol=%s", symbol)

    def _account_now(self, update: CandleUpdate, source: Source) -> Account:
        now_ms = self._feed.market_time_ms() or 0
        return self._by_hand.account(update.symbol, source, max(update.event_time_ms, now_ms))

    async def _record_unfit(
        self, update: CandleUpdate, reason: str, calls: tuple[LlmCall, ...] = ()
    ) -> None:
        open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
        row = self._book.record_unfit(update, open_time_ms, reason, calls)
        await self._record(update.symbol, row)

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
