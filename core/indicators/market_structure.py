"""
Breaks of structure: closes beyond the newest swing.

A break in the direction of the one before it carries the trend on (BOS, break of
structure), one against it may turn the trend (CHoCH, change of character). Both are
known at the close that breaks, and nothing that comes later takes them back.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.indicators.candle_ranges import CandleRanges
from core.indicators.range_extremes import NEVER
from core.indicators.stretches import stretches
from core.indicators.swings import RowArray, swing_highs, swing_lows
from core.model.candles import CandleSeries, FloatArray
from core.model.shape_columns import SignArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class StructureRules:
    """
    How long what is remembered.

    Attributes:
        strength: Candles on each side of a swing that it stands out from.
        level_candles: How long after it became known a swing can be broken.
        memory_candles: How long a break lets the next one be a change of character.

    Raises:
        ValueError: If one of them is below 1.
    """

    strength: int
    level_candles: int
    memory_candles: int

    def __post_init__(self) -> None:
        for name in ("strength", "level_candles", "memory_candles"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, was {getattr(self, name)}")


@dataclass(frozen=True, slots=True, eq=False)
class StructureBreaks:
    """
    Columns of shape ``(m,)``, one break per candle at most, in order of ``row``.

    Attributes:
        row: Candle whose close broke the level, and made it known.
        swing_row: Candle of the swing.
        side: +1 above a swing high, -1 below a swing low.
        level: Price of the swing.
        turns: Whether it is a change of character.
    """

    row: RowArray
    swing_row: RowArray
    side: SignArray
    level: FloatArray
    turns: BoolArray


def whole_swings(candles: CandleSeries, strength: int) -> tuple[RowArray, RowArray]:
    """Rows of swing highs and of swing lows (see `swing_highs`) with no hole beside them."""
    stretch = stretches(candles)
    highs, lows = swing_highs(candles.high, strength), swing_lows(candles.low, strength)
    highs = highs[stretch[highs - strength] == stretch[highs + strength]]
    return highs, lows[stretch[lows - strength] == stretch[lows + strength]]


def structure_breaks(
    candles: CandleSeries,
    swings: tuple[RowArray, RowArray],
    rules: StructureRules,
    ranges: CandleRanges,
) -> StructureBreaks:
    """
    First close beyond each swing while it is the newest of its side.

    A newer swing takes the place of an older one once it is known, broken or not, so
    each swing is broken once at most. A level does not outlive a hole in the candles or
    ``level_candles``, and a break is a change of character only where the break before
    it is of the other side and no further back than ``memory_candles`` or a hole: what
    a break says is a function of the ``memory_candles + level_candles + 2 * strength``
    candles before it.

    Args:
        candles: Oldest first.
        swings: Rows of highs and of lows, as `whole_swings` has them.
        rules: With the strength that the swings were found with.
        ranges: Of the same candles, for ``level_candles`` or more.
    """
    stretch = stretches(candles)
    highs, lows = swings
    swing_row = np.concatenate(swings)
    level = np.concatenate((candles.high[highs], candles.low[lows]))
    is_high = np.zeros(swing_row.size, dtype=np.bool_)
    is_high[: highs.size] = True
    reign = np.concatenate((_reign(highs, rules), _reign(lows, rules)))
    row = ranges.first_closed(is_high, swing_row + (rules.strength + 1), level, reign)
    broken = ((row != NEVER) & (stretch[row] == stretch[swing_row])).nonzero()[0]
    broken = broken[row[broken].argsort(kind="stable")]
    row = row[broken]
    side = 2 * is_high[broken].view(np.int8) - np.int8(1)
    return StructureBreaks(
        row, swing_row[broken], side, level[broken], _turns(row, side, rules, stretch[row])
    )


def _reign(swings: RowArray, rules: StructureRules) -> RowArray:
    """For how many candles a close may break each swing: until a newer one is known."""
    reign = np.full(swings.size, rules.level_candles, dtype=np.intp)
    np.minimum(swings[1:] - swings[:-1], rules.level_candles, out=reign[:-1])
    return reign


def _turns(row: RowArray, side: SignArray, rules: StructureRules, stretch: RowArray) -> BoolArray:
    turns = np.zeros(row.size, dtype=np.bool_)
    turns[1:] = (
        (side[1:] != side[:-1])
        & (row[1:] - row[:-1] <= rules.memory_candles)
        & (stretch[1:] == stretch[:-1])
    )
    return turns
