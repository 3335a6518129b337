"""
Equal highs and lows: swings that turned at almost one price, with stop orders beyond them.

Chain-free on purpose: which swings make a level is a question to a fixed stretch of candles
before its newest swing, never to other levels, so the answer is the same in every window that
holds that stretch, and no later candle changes it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.indicators.averages import rolling_sum
from core.indicators.first_passage import first_above
from core.indicators.level_lives import STILL_LIVE, level_ends, takeovers
from core.indicators.mirrored_market import PriceRows, mirrored
from core.indicators.swings import RowArray, swing_highs
from core.indicators.volatility import true_range
from core.model.candles import FloatArray

_FIRST_ROW: RowArray = np.zeros(1, dtype=np.intp)

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
    own_known = rows.own_rows(swing + rules.strength)
    averaged = own_known >= AVERAGED_CANDLES
    swing, own_known = swing[averaged], own_known[averaged]
    known = swing + rules.strength
    usual = np.empty((2, n))
    usual[0] = true_range(market.high, market.low, market.close)
    usual[1] = market.volume
    usual_range, usual_volume = (
        rolling_sum(usual, AVERAGED_CANDLES)[:, own_known] / AVERAGED_CANDLES
    )
    price = rows.price[swing]
    newer, older = _equals(swing, price, rows.hole_rows(), rules, usual_range * rules.tolerance)
    begins = np.ones(newer.size, dtype=np.bool_)
    np.not_equal(newer[1:], newer[:-1], out=begins[1:])
    starts = begins.nonzero()[0]
    founder = newer[starts]
    outer = np.maximum(price[founder], np.maximum.reduceat(price[older], starts))
    lowest = np.minimum(price[founder], np.minimum.reduceat(price[older], starts))
    inner = np.minimum(lowest, outer - rules.height * usual_range[founder])
    known_at = known[founder]
    taken = takeovers(newer, older, founder, known)
    ended, ending = level_ends(rows, rules.life, known_at, outer, taken)
    volume = market.volume[rows.own_rows(swing)]
    strength = _strength(newer, older, founder, volume, usual_volume)
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
    holes: RowArray,
    rules: LevelRules,
    tolerance: FloatArray,
) -> tuple[RowArray, RowArray]:
    """Pairs of a swing and an older equal of it, as indices of swings, in ascending order."""
    index = np.arange(swing.size)
    newest_hole = holes.searchsorted(swing + rules.strength, side="right")
    whole_from = np.concatenate((_FIRST_ROW, holes))[newest_hole] + rules.strength
    oldest = swing.searchsorted(np.maximum(swing - rules.lookback, whole_from))
    # Swings are further apart than their strength: there are no more of them in the stretch.
    most = rules.lookback // (rules.strength + 1) + 1
    higher = first_above(price[::-1], swing.size - index, price + tolerance, most)
    oldest = np.where(higher < 0, oldest, np.maximum(oldest, swing.size - higher))
    count = np.maximum(index - oldest, 0)
    newer = index.repeat(count)
    older = np.arange(newer.size) + (oldest - (count.cumsum() - count)).repeat(count)
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
