"""A market with itself upside down behind it, so that one search finds highs and lows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.indicators.volatility import true_range
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

    One pass over both costs little more than one over a half where windows are short. The
    halves meet at a hole in time, across which no pattern reaches.
    """

    bar: npt.NDArray[np.int64]
    price: FloatArray
    close: FloatArray
    volume: FloatArray
    true_range: FloatArray


def mirrored(market: PriceRows) -> MirroredMarket:
    """Lay a market and its mirror image end to end; each half has as many rows as ``market``."""
    bar = market.bar
    later = bar[-1] - bar[0] + 2 if bar.size else 0
    ranges = true_range(market.high, market.low, market.close)
    return MirroredMarket(
        np.concatenate((bar, bar + later)),
        np.concatenate((market.high, -market.low)),
        np.concatenate((market.close, -market.close)),
        np.concatenate((market.volume, market.volume)),
        np.concatenate((ranges, ranges)),
    )
