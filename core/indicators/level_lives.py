"""How long price levels live: until price goes beyond them, a newer one takes over, or time."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from core.indicators.mirrored_market import MirroredMarket
from core.indicators.range_extremes import RangeMaxima
from core.indicators.swings import RowArray
from core.model.candles import FloatArray

STILL_LIVE = -1
"""In rows of ends: it has not ended."""


class Ending(IntEnum):
    """How the life of a level ended."""

    LIVE = 0
    SWEPT = 1
    """A candle traded beyond the outer edge and closed back."""
    MITIGATED = 2
    """A candle closed beyond the outer edge."""
    MERGED = 3
    """A newer level has one of its swings."""
    EXPIRED = 4


def takeovers(newer: RowArray, older: RowArray, founder: RowArray, known: RowArray) -> RowArray:
    """
    Row at which a newer level took over a swing of each level; far beyond where none has.

    Args:
        newer: Of each pair of swings that are equal, the newer, as index of swings.
        older: The other one.
        founder: Newest swing of each level: ``newer`` without repetition.
        known: Row at which each swing was confirmed.
    """
    member = np.concatenate((older, founder))
    level = np.concatenate((newer, founder))
    order = np.lexsort((level, member))
    member, level = member[order], level[order]
    taken = np.flatnonzero(member[1:] == member[:-1])
    at_row = np.full(known.size, np.iinfo(np.intp).max)
    np.minimum.at(at_row, level[taken], known[level[taken + 1]])
    return at_row[founder]


def level_ends(
    rows: MirroredMarket, life: int, known: RowArray, outer: FloatArray, taken: RowArray
) -> tuple[RowArray, npt.NDArray[np.int8]]:
    """
    Row at which each level ended, `STILL_LIVE` while it has not, and how, as in `Ending`.

    Where several ends fall on one candle, price comes before a newer level, and that before time.

    Args:
        rows: Both halves; a level and its end are of one half.
        life: Candles of the time axis after which a level expires: holes count.
        known: Row at which each level became known; price matters from the next one.
        outer: The edge that price must not pass.
        taken: From `takeovers`.
    """
    bar = rows.market.bar
    n = bar.size
    stop = np.where(known < n, n, 2 * n)
    horizon = np.minimum(life, stop - known - 1)
    passed = RangeMaxima(rows.price, life).first_above(known + 1, outer, horizon)
    passed = np.where(passed < 0, stop, passed)
    own = rows.own_rows(known)
    expired = np.searchsorted(bar, bar[own] + life) + (known - own)
    ended = np.minimum(np.minimum(passed, taken), expired)
    lives, by_price = ended == stop, passed == ended
    closed_beyond = rows.closes(np.minimum(passed, stop - 1)) > outer
    ending = np.full(known.size, int(Ending.EXPIRED), dtype=np.int8)
    ending[taken == ended] = int(Ending.MERGED)
    ending[by_price] = int(Ending.SWEPT)
    ending[by_price & closed_beyond] = int(Ending.MITIGATED)
    ending[lives] = int(Ending.LIVE)
    return np.where(lives, STILL_LIVE, ended), ending
