"""The minute that is running, as it stood after each of its seconds."""

from typing import NamedTuple

import numpy as np

from core.simulator.bars import Bar
from core.simulator.seconds import MINUTE_S, SECOND_MS, IntArray
from core.simulator.stretches import Stretch


class BegunMinute(NamedTuple):
    """One candle, sixty times: `rows` hold what was traded up to and with each second."""

    open_ms: int
    rows: list[Bar]

    def at(self, at_ms: int) -> Bar:
        """Return the candle as it stood at an instant within the minute."""
        return self.rows[(at_ms - self.open_ms) // SECOND_MS]


def begun_minute(stretch: Stretch, whole: Bar) -> BegunMinute:
    """
    Unroll a minute.

    Args:
        stretch: The seconds; they must hold the minute.
        whole: The complete candle, which the last row equals.
    """
    start = stretch.index(whole.open_ms)
    minute = slice(start, start + MINUTE_S)
    price, buy = stretch.price[minute], stretch.buy[minute]
    volume = buy + stretch.sell[minute]
    quote = _progress(price * volume, whole.quote)
    columns = (
        np.maximum.accumulate(price),
        np.minimum.accumulate(price),
        price,
        np.cumsum(volume),
        quote,
        np.cumsum(stretch.trades[minute]),
        np.cumsum(buy),
        np.minimum(_progress(price * buy, whole.buy_quote), quote),
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return BegunMinute(
        whole.open_ms,
        [Bar._make((whole.open_ms, whole.open, *row, whole.first_trade)) for row in rows],
    )


def _progress(amounts: IntArray, recorded: int) -> IntArray:
    """Sum up amounts, scaled so that all of them make what was recorded."""
    so_far: IntArray = np.cumsum(amounts)
    total = int(so_far[-1])
    if total in (0, recorded):
        return so_far
    return np.array([part * recorded // total for part in so_far.tolist()], dtype=np.int64)
