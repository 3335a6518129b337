"""Candles averaged so that a trend is a run of one colour."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import CandleSeries, FloatArray

HEIKIN_ASHI_WARM_UP_CANDLES = 64
"""Each open halves what the candle before it still knows of the first one: 2**-64 is below the
last digit of a double, so that a candle looks the same in every window that reaches back so far."""


@dataclass(frozen=True, slots=True, eq=False)
class HeikinAshi:
    """Prices of averaged candles, oldest first; each of shape ``(n,)``."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray

    def tail(self, n: int) -> "HeikinAshi":
        """Return the newest ``n`` of them."""
        first = max(0, self.open.size - n)
        columns = (self.open, self.high, self.low, self.close)
        return HeikinAshi(*(column[first:] for column in columns))


def heikin_ashi(candles: CandleSeries) -> HeikinAshi:
    """
    Average candles with those before them.

    The close is the mean of open, high, low and close; the open is the middle of the averaged
    candle before, that of the first one the middle of its own body; high and low reach as far as
    the real ones and both of these. A candle depends on no later one. Nothing was ever traded at
    these prices: they are for looking, not for deciding.

    Source:
        D. Valcu, "Using the Heikin-Ashi technique", *Technical Analysis of Stocks & Commodities*
        22:2 (2004). The seed is the usual convention of chart programs.
    """
    close = (candles.open + candles.high + candles.low + candles.close) / 4.0
    opens = np.empty_like(close)
    before = float(candles.open[0] + candles.close[0]) / 2.0 if close.size else 0.0
    for i, mean in enumerate(close.tolist()):
        opens[i] = before
        before = (before + mean) / 2.0
    high = np.maximum(candles.high, np.maximum(opens, close))
    low = np.minimum(candles.low, np.minimum(opens, close))
    return HeikinAshi(opens, high, low, close)
