"""What a computation may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from core.model.candles import CandleSeries
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from core.model.order_flow import FlowSeries, Footprint


@dataclass(frozen=True, slots=True, eq=False)
class MarketView:
    """
    Closed candles of the shown interval, and what else was known when the last of them closed.

    The other inputs may reach further than ``candles``, in both directions; the methods cut
    them at `known_ms`, and a computation reads them only by the methods.

    Attributes:
        candles: The shown interval.
        others: Series of other intervals of the same symbol.
        flow: What takers did and how the book leaned, per minute, while it was heard.
        footprints: Volume by price of minutes that were heard, oldest first.
        gaps: Minutes that are known to be missing, oldest first.
        shown_ms: First and last open time that a viewer sees; None for all of ``candles``.
    """

    candles: CandleSeries
    others: Mapping[Interval, CandleSeries] = field(default_factory=lambda: MappingProxyType({}))
    flow: FlowSeries | None = None
    footprints: tuple[Footprint, ...] = ()
    gaps: tuple[Gap, ...] = ()
    shown_ms: tuple[int, int] | None = None

    @property
    def known_ms(self) -> int:
        """The instant up to which the view knows the market: close of its last candle."""
        if len(self.candles) == 0:
            return -1
        return self.candles.interval.close_time_ms(int(self.candles.open_time_ms[-1]))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """What `at` may be asked for, shortest first, also where nothing had closed by then."""
        return tuple(i for i in Interval if i is self.candles.interval or i in self.others)

    def at(self, interval: Interval) -> CandleSeries:
        """Return bars of ``interval`` that had closed when the last shown candle closed."""
        if interval == self.candles.interval:
            return self.candles
        series = self.others.get(interval)
        if series is None:
            return CandleSeries.empty(self.candles.symbol, interval)
        return series.between(None, self.known_ms + 1 - interval.duration_ms)

    def known_flow(self) -> FlowSeries | None:
        """Return the minutes of `flow` that had closed by then; None where none was heard."""
        if self.flow is None:
            return None
        stop = int(np.searchsorted(self.flow.open_time_ms, self._last_minute_ms, side="right"))
        return self.flow.rows(0, stop) if stop else None

    def known_footprints(self) -> tuple[Footprint, ...]:
        """Return the footprints of minutes that had closed by then, oldest first."""
        return tuple(f for f in self.footprints if f.open_time_ms <= self._last_minute_ms)

    def known_gaps(self) -> tuple[Gap, ...]:
        """Return the gaps that had begun by then; one that was still growing is cut."""
        last_ms = self._last_minute_ms
        return tuple(
            replace(gap, end_ms=min(gap.end_ms, last_ms))
            for gap in self.gaps
            if gap.start_ms <= last_ms
        )

    def head(self, n: int) -> "MarketView":
        """Return the view as it was when only the oldest ``n`` candles had closed."""
        return replace(self, candles=self.candles.head(n))

    @property
    def _last_minute_ms(self) -> int:
        return self.known_ms + 1 - MINUTE_MS
