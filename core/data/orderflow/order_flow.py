"""Order flow of the followed symbols: events in, immutable snapshots out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from typing import TypeAlias

from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.orderflow.book_keeper import BookKeeper, DepthSource
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.footprint_bars import FootprintBars
from core.data.orderflow.statistics import OrderFlowStatistics
from core.data.orderflow.top_bars import TopBars
from core.data.orderflow.trade_bars import TradeBars
from core.model.order_flow import BookPhase, BookState, FlowSeries, Footprint

FlowEvent: TypeAlias = AggTrade | BookTop | DepthUpdate

FOOTPRINT_BARS = 60


class _Followed:
    """The bars of one symbol."""

    def __init__(self, bars: int, statistics: OrderFlowStatistics) -> None:
        self.columns = FlowColumns(bars)
        self.footprints = FootprintBars(FOOTPRINT_BARS)
        self.trades = TradeBars(self.columns, self.footprints, statistics)
        self.tops = TopBars(self.columns, statistics)


class OrderFlow:
    """
    Belongs to one event loop: events are given and snapshots asked for in it.

    Args:
        rest: Where order books are fetched.
        bars: How many 1m bars of each symbol are kept.
    """

    def __init__(
        self,
        rest: DepthSource,
        *,
        bars: int = 1500,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bars = bars
        self._statistics = OrderFlowStatistics()
        self._followed: dict[str, _Followed] = {}
        self._books = BookKeeper(rest, self._statistics, monotonic=monotonic, sleep=sleep)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols that are followed."""
        return tuple(self._followed)

    @property
    def statistics(self) -> OrderFlowStatistics:
        """The counters of this moment."""
        return replace(self._statistics)

    def follow(self, symbols: Collection[str]) -> None:
        """Follow these symbols, in this order of importance, and forget all others."""
        self._followed = {
            symbol: self._followed.get(symbol) or _Followed(self._bars, self._statistics)
            for symbol in symbols
        }
        self._books.follow(self._followed)

    def take(self, event: FlowEvent) -> None:
        """
        Count an event; one of a symbol that is not followed is left out.

        Depth updates must be of the diff stream (``@depth@500ms``): those of ``@depth20`` look
        alike but are no changes.
        """
        if type(event) is DepthUpdate:
            self._books.take(event)
            return
        followed = self._followed.get(event.symbol)
        if followed is None:
            return
        if type(event) is AggTrade:
            followed.trades.take(event)
        elif type(event) is BookTop:
            followed.tops.take(event)

    def disconnected(self, symbols: Iterable[str]) -> None:
        """
        Rely no longer on the order books and best prices of these symbols.

        Call it when their streams of ``/public`` were interrupted. Trades need no such word:
        their ids tell what was missed.
        """
        symbols = tuple(symbols)
        self._books.restart(symbols)
        for symbol in symbols:
            if symbol in self._followed:
                self._followed[symbol].tops.interrupted()

    def flow(self, symbol: str) -> FlowSeries:
        """Return the newest bars; none of a symbol that is not followed."""
        followed = self._followed.get(symbol)
        if followed is None:
            return FlowColumns(1).series(symbol)
        followed.trades.flush()
        followed.tops.flush()
        return followed.columns.series(symbol)

    def footprints(self, symbol: str) -> tuple[Footprint, ...]:
        """Return volume by price of the newest hour of bars, oldest first."""
        followed = self._followed.get(symbol)
        return followed.footprints.snapshot() if followed else ()

    def book(self, symbol: str) -> BookState:
        """Return the order book, and whether it may be relied on."""
        return self._books.state(symbol)

    def book_phases(self) -> dict[BookPhase, int]:
        """Return how many order books are in each phase."""
        return self._books.phases()

    async def run(self) -> None:
        """Fetch the order books that are needed, until cancelled."""
        await self._books.run()
