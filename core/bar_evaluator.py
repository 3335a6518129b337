"""What is looked at when a bar closes, and who decides on it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from core.bar_window import since_hole, unbroken
from core.companion_history import CompanionHistory
from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.market_feed import MarketFeed
from core.data.market_views import MarketViews
from core.model.candles import CandleUpdate
from core.model.evaluation import Evaluation
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.source import Source
from core.signal_generator import Asking, SignalGenerator
from core.trading.account import Account

logger = logging.getLogger(__name__)

# A decision is made from the newest candle: further back, other intervals are not read.
_COMPANION_ROWS = 1


class BarEvaluator:
    """
    Give the generator the view of each closed bar, with what was heard by then.

    Args:
        store: The truth about candles.
        feed: What was heard, and whether the candles are whole.
        generator: Who decides.
        interval: Of the bars.
    """

    def __init__(
        self,
        store: DataStore,
        feed: MarketFeed,
        generator: SignalGenerator,
        *,
        interval: Interval,
    ) -> None:
        self._feed = feed
        self._generator = generator
        self._interval = interval
        self._views = MarketViews(store, order_flow=feed.order_flow, gaps=feed.gaps)
        self._bars = {i: n for i, n in generator.companions.items() if i is not interval}
        self._history = CompanionHistory(feed.ensure, self._bars)

    async def run(self) -> None:
        """Load the history of other intervals until cancelled."""
        await self._history.run()

    def begin(self, symbol: str) -> None:
        """Prepare for the bars of a symbol."""
        self._history.want(symbol)

    async def load_history(self, symbol: str) -> None:
        """Ask for the bars an evaluation looks back on; idempotent, and tried again each bar."""
        try:
            await self._feed.ensure(symbol, self._interval)
        except RestError as error:
            logger.warning("history incomplete symbol=%s reason=%s", symbol, error)

    async def evaluate(
        self,
        update: CandleUpdate,
        *,
        heard_s: float,
        accounts: Callable[[Source], Account],
        instrument: Instrument,
        asking: Asking,
    ) -> Evaluation:
        """
        Decide on the bar that a closed 1m candle completes.

        Args:
            update: The candle.
            heard_s: When it was heard of, by the monotonic clock.
            accounts: As in `SignalGenerator.evaluate`.
            instrument: Trading rules of the symbol.
            asking: As in `SignalGenerator.evaluate`.
        """
        symbol = update.symbol
        open_time_ms = self._interval.open_time_ms(update.candle.open_time_ms)
        start_ms = self._generator.window_start_ms(self._interval, open_time_ms)
        view = await asyncio.to_thread(
            self._views.closed,
            symbol,
            self._interval,
            start_ms=start_ms,
            end_ms=open_time_ms,
            companions=self._bars,
            companion_rows=_COMPANION_ROWS,
            heard=self._views.heard(symbol),
        )
        if any(len(view.at(interval)) < bars for interval, bars in self._bars.items()):
            self._history.want(symbol)
        view = replace(view, candles=since_hole(view.candles))
        if len(view.candles):
            start_ms = max(start_ms, int(view.candles.open_time_ms[0]))
        return await self._generator.evaluate(
            view,
            closed_ms=update.event_time_ms,
            heard_s=heard_s,
            accounts=accounts,
            instrument=instrument,
            whole=self._feed.whole(symbol, since_ms=start_ms) and unbroken(view.candles),
            now_ms=self._feed.market_time_ms,
            asking=asking,
        )
