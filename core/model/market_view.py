"""What a computation may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.model.candles import CandleSeries
from core.model.intervals import Interval


@dataclass(frozen=True, slots=True, eq=False)
class MarketView:
    """
    Closed candles of the shown interval, and of the others up to the same instant.

    Attributes:
        candles: The shown interval.
        others: Series of other intervals of the same symbol; may reach further
            than ``candles``: `at` cuts them.
    """

    candles: CandleSeries
    others: Mapping[Interval, CandleSeries] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def known_ms(self) -> int:
        """The instant up to which the view knows the market: close of its last candle."""
        if len(self.candles) == 0:
            return -1
        return self.candles.interval.close_time_ms(int(self.candles.open_time_ms[-1]))

    def at(self, interval: Interval) -> CandleSeries:
        """Return bars of ``interval`` that had closed when the last shown candle closed."""
        if interval == self.candles.interval:
            return self.candles
        series = self.others.get(interval)
        if series is None:
            return CandleSeries.empty(self.candles.symbol, interval)
        return series.between(None, self.known_ms + 1 - interval.duration_ms)

    def head(self, n: int) -> "MarketView":
        """Return the view as it was when only the oldest ``n`` candles had closed."""
        return MarketView(self.candles.head(n), self.others)
