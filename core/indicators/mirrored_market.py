"""A market with itself upside down behind it, so that one search finds highs and lows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PriceRows:
    """
    What levels are found in, oldest first.

    Attributes:
        bar: Index of each row on the time axis: a hole is a step of more than one.
    """

    bar: npt.NDArray[np.int64]
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MirroredMarket:
    """
    A market and, behind it, the same market upside down: its lows are highs there.

    One pass over both costs little more than one over a half where windows are short. No
    pattern reaches across the seam: `hole_rows` has it.

    Attributes:
        market: As it is, ``n`` rows.
        price: Highs, then lows with their sign changed; shape ``(2 * n,)``.
    """

    market: PriceRows
    price: FloatArray

    def own_rows(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return the rows of the market itself."""
        n = self.market.bar.size
        return np.where(rows < n, rows, rows - n)

    def closes(self, rows: npt.NDArray[np.intp]) -> FloatArray:
        """Return closing prices, those of the second half with their sign changed."""
        close = self.market.close[self.own_rows(rows)]
        return np.where(rows < self.market.bar.size, close, -close)

    def hole_rows(self) -> npt.NDArray[np.intp]:
        """Return each row that is not the candle after the row before it, ascending."""
        bar = self.market.bar
        holes = (bar[1:] - bar[:-1] != 1).nonzero()[0] + 1
        return np.concatenate((holes, [bar.size], holes + bar.size))


def mirrored(market: PriceRows) -> MirroredMarket:
    """Lay a market and its mirror image end to end."""
    n = market.bar.size
    price = np.empty(2 * n)
    price[:n] = market.high
    np.negative(market.low, out=price[n:])
    return MirroredMarket(market, price)
