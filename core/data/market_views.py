"""What computations may look at, put together from the store and from what was heard live."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from core.data.candle_reads import CandleReads
from core.data.fold import fold
from core.data.merge import merged
from core.model.candles import CandleSeries
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.model.order_flow import FlowSeries, Footprint


class HeardFlow(Protocol):
    """Who heard trades and the top of the book, as `OrderFlow` does; in one event loop."""

    def flow(self, symbol: str) -> FlowSeries:
        """Return the newest bars; none of a symbol that is not followed."""
        ...

    def footprints(self, symbol: str) -> tuple[Footprint, ...]:
        """Return volume by price of the newest bars, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What was known of a symbol besides its candles, at one moment; as in `MarketView`."""

    flow: FlowSeries | None = None
    footprints: tuple[Footprint, ...] = ()
    gaps: tuple[Gap, ...] = ()


NOTHING_HEARD = Heard()
_NO_COMPANIONS: Mapping[Interval, int] = MappingProxyType({})


def _no_gaps(symbol: str) -> tuple[Gap, ...]:
    return ()


class MarketViews:
    """
    Make the views that pages draw from and decisions rest on.

    Args:
        store: Where candles are.
        order_flow: None where no trades are heard.
        gaps: Returns the 1m holes of a symbol that nobody could fill.
    """

    def __init__(
        self,
        store: CandleReads,
        *,
        order_flow: HeardFlow | None = None,
        gaps: Callable[[str], tuple[Gap, ...]] = _no_gaps,
    ) -> None:
        self._store = store
        self._order_flow = order_flow
        self._gaps = gaps

    def heard(self, symbol: str) -> Heard:
        """Return a snapshot for `closed`; only in the event loop that hears the trades."""
        gaps = self._gaps(symbol)
        if self._order_flow is None:
            return Heard(gaps=gaps)
        return Heard(self._order_flow.flow(symbol), self._order_flow.footprints(symbol), gaps)

    def closed(
        self,
        symbol: str,
        interval: Interval,
        *,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int | None = None,
        companions: Mapping[Interval, int] = _NO_COMPANIONS,
        companion_rows: int | None = None,
        heard: Heard = NOTHING_HEARD,
    ) -> MarketView:
        """
        Return closed candles and what belongs to them; reads files where memory ends.

        Args:
            symbol: Name of the perpetual.
            interval: The one that is shown or decided on.
            start_ms: Earliest open time.
            end_ms: Latest open time.
            limit: Only the newest so many candles.
            companions: How many closed bars of which other intervals are wanted before the
                first candle; each has its series in the view, an empty one if need be.
            companion_rows: They are wanted before the first of the newest so many candles
                only; None for all.
            heard: What `heard` returned a moment ago.
        """
        candles = self._store.candles(
            symbol, interval, start_ms=start_ms, end_ms=end_ms, limit=limit
        )
        needed = candles if companion_rows is None else candles.tail(companion_rows)
        others = {
            other: self._companion(needed, other, bars)
            for other, bars in companions.items()
            if other is not interval
        }
        return MarketView(
            candles, MappingProxyType(others), heard.flow, heard.footprints, heard.gaps
        )

    def _companion(self, shown: CandleSeries, other: Interval, bars: int) -> CandleSeries:
        """Return what is closed by the last shown candle, from ``bars`` before the first on."""
        symbol, interval = shown.symbol, shown.interval
        if len(shown) == 0:
            return CandleSeries.empty(symbol, other)
        first_end_ms = int(shown.open_time_ms[0]) + interval.duration_ms
        last_end_ms = int(shown.open_time_ms[-1]) + interval.duration_ms
        start_ms = other.open_time_ms(first_end_ms) - bars * other.duration_ms
        end_ms = other.open_time_ms(last_end_ms) - other.duration_ms
        found = self._store.candles(symbol, other, start_ms=start_ms, end_ms=end_ms)
        short = len(found) == 0 or int(found.open_time_ms[0]) > start_ms
        if short and Interval.M1 is not other and other.duration_ms < interval.duration_ms:
            # Of finer bars than those shown, minutes reach further back than what was fetched.
            until_ms = end_ms + other.duration_ms - MINUTE_MS
            minutes = self._store.candles(symbol, Interval.M1, start_ms=start_ms, end_ms=until_ms)
            found = merged(fold(minutes, other), found)
        return found
