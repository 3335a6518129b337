"""One UTC day of a market, second by second; the finest truth everything else is folded from."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

IntArray: TypeAlias = npt.NDArray[np.int64]

SECOND_MS = 1_000
MINUTE_S = 60
DAY_S = 86_400
DAY_MINUTES = 1_440
DAY_MS = DAY_S * SECOND_MS


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """
    What was traded in each second; the trades of a second share one price.

    All arrays have shape ``(86400,)``. A second without volume repeats the price before it.

    Attributes:
        price: In price units of the listing.
        buy: Taker bought, in quantity units.
        sell: Taker sold, in quantity units.
        trades: Number of trades.
    """

    price: IntArray
    buy: IntArray
    sell: IntArray
    trades: IntArray

    def __post_init__(self) -> None:
        for column in (self.price, self.buy, self.sell, self.trades):
            if column.shape != (DAY_S,):
                raise ValueError(f"a day has {DAY_S} seconds, the column has {column.shape}")
            column.flags.writeable = False
