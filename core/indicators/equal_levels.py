"""
Equal highs and lows: swings that turned at almost one price, with stop orders beyond them.

Chain-free on purpose: which swings make a level is a question to a fixed stretch of candles
before its newest swing, never to other levels, so the answer is the same in every window that
holds that stretch, and no later candle changes it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.indicators.first_passage import first_above
from core.indicators.level_lives import STILL_LIVE, level_ends, takeovers
from core.indicators.mirrored_market import PriceRows, mirrored
from core.indicators.swings import RowArray, swing_highs
from core.model.candles import FloatArray

AVERAGED_CANDLES = 50
"""Candles over which the true range and the volume of a swing's surroundings are averaged."""


@dataclass(frozen=True, slots=True)
class LevelRules:
    """
    What makes swings equal and how long a level counts.

    Attributes:
        strength: Candles on each side of a swing.
        tolerance: Farthest that equal swings are apart, in mean true ranges.
        height: Least height of a level, likewise.
        lookback: Candles between the first and the newest swing of a level, at most.
        life: Candles after which a level that nothing has touched expires.
    """

    strength: int
    tolerance: float
    height: float
    lookback: int
    life: int

    @property
    def memory(self) -> int:
        """Candles before its confirmation that a level is made from, at most."""
        return self.lookback + max(2 * self.strength, AVERAGED_CANDLES)


@dataclass(frozen=True, slots=True, eq=False)
class EqualLevels:
    """
    Levels of one side in the order in which they became known; columns of one length.

    Attributes:
        first: Row of the earliest swing.
        known: Row whose close confirms the newest swing, and with it the level.
        ended: Row whose close ended it; `STILL_LIVE` while nothing has.
        ending: How, as the values of `core.indicators.level_lives.Ending`.
        low, high: Lowest and highest of the swings, and a little more on the side of price where
            they are too close to each other. The outer edge is the extreme of all candles from
            ``first`` to ``known``.
        strength: From 0 to below 1; half from the number of swings, half from their volume.
    """

    first: RowArray
    known: RowArray
    ended: RowArray
    ending: npt.NDArray[np.int8]
    low: FloatArray
    high: FloatArray
    strength: FloatArray


def equal_levels(market: PriceRows, rules: LevelRules) -> tuple[EqualLevels, EqualLevels]:
    """
    Return the levels above equal highs, then those below equal lows, each with its end.

    Each confirmed swing high looks back ``lookback`` candles, to the newest hole in time or to
    the newest swing that stands more than the tolerance above it, whichever is nearest. The
    swings in that stretch which are not more than the tolerance below it are its equals; one is
    enough for a level. A level is then followed across holes, by the candles that are there.
    """
    n = market.bar.size
    rows = mirrored(market)
    swing = swing_highs(rows.price, rules.strength)
    swing = swing[(swing + rules.strength) % max(n, 1) >= AVERAGED_CANDLES]
    known = swing + rules.strength
    around = known - (AVERAGED_CANDLES - 1)
    usual_range = _means(rows.true_range, around)
    price = rows.price[swing]
    newer, older = _equals(swing, price, rows.bar, rules, usual_range * rules.tolerance)
    starts = np.flatnonzero(np.diff(newer, prepend=-1))
    founder = newer[starts]
    outer = np.maximum(price[founder], np.maximum.reduceat(price[older], starts))
    lowest = np.minimum(price[founder], np.minimum.reduceat(price[older], starts))
    inner = np.minimum(lowest, outer - rules.height * usual_range[founder])
    known_at = known[founder]
    taken = takeovers(newer, older, founder, known)
    ended, ending = level_ends(rows, rules.life, known_at, outer, taken)
    strength = _strength(newer, older, founder, rows.volume[swing], _means(rows.volume, around))
    first = swing[older[starts]]
    above = slice(0, int(np.searchsorted(known_at, n)))
    below = slice(above.stop, None)
    return (
        EqualLevels(
            first[above],
            known_at[above],
            ended[above],
            ending[above],
            inner[above],
            outer[above],
            strength[above],
        ),
        EqualLevels(
            first[below] - n,
            known_at[below] - n,
            np.where(ended[below] < 0, STILL_LIVE, ended[below] - n),
            ending[below],
            -outer[below],
            -inner[below],
            strength[below],
        ),
    )


def _equals(
    swing: RowArray,
    price: FloatArray,
    bar: npt.NDArray[np.int64],
    rules: LevelRules,
    tolerance: FloatArray,
) -> tuple[RowArray, RowArray]:
    """Pairs of a swing and an older equal of it, as indices of swings, in ascending order."""
    index = np.arange(swing.size)
    holes = np.flatnonzero(np.diff(bar) != 1) + 1
    newest_hole = np.searchsorted(holes, swing + rules.strength, side="right")
    whole_from = np.concatenate(([0], holes))[newest_hole] + rules.strength
    oldest = np.searchsorted(swing, np.maximum(swing - rules.lookback, whole_from))
    higher = first_above(price[::-1], swing.size - index, price + tolerance, rules.lookback)
    oldest = np.where(higher < 0, oldest, np.maximum(oldest, swing.size - higher))
    count = np.maximum(index - oldest, 0)
    newer = np.repeat(index, count)
    older = np.arange(newer.size) + np.repeat(oldest - (np.cumsum(count) - count), count)
    equal = price[older] >= (price - tolerance)[newer]
    return newer[equal], older[equal]


def _strength(
    newer: RowArray,
    older: RowArray,
    founder: RowArray,
    volume: FloatArray,
    usual_volume: FloatArray,
) -> FloatArray:
    """
    Mean of two scores below 1: one halves its distance to 1 with each swing, one with volume.

    Two swings score 1/2, three 3/4; swings at the usual volume 1/2, at thrice that 3/4.
    """
    relative = np.zeros(volume.size)
    np.divide(volume, usual_volume, out=relative, where=usual_volume > 0.0)
    # Sums in the order of the swings, so that no later swing changes how they round.
    equals = np.bincount(newer)[founder]
    total = np.bincount(newer, weights=relative[older])[founder] + relative[founder]
    mean = total / (equals + 1)
    return (1.0 - 0.5**equals + mean / (1.0 + mean)) / 2.0


def _means(values: FloatArray, first: RowArray) -> FloatArray:
    """Mean of `AVERAGED_CANDLES` rows from each of ``first``; exact windows, no running sum."""
    if first.size == 0:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, AVERAGED_CANDLES)
    means: FloatArray = windows[first].mean(axis=1)
    return means
