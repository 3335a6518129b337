"""Which way each timeframe goes, from the bars that had closed by a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.indicators.blocks import blocks
from core.indicators.directional import signed_efficiency
from core.model.candles import FloatArray, TimeArray
from core.model.intervals import Interval
from core.model.shape_columns import SignArray

EFFICIENCY_CANDLES = 10
"""Kaufman's own look-back for the efficiency ratio (*Trading Systems and Methods*, ch. 17)."""


UNKNOWN, DOWN, MIXED, UP = -1, 0, 1, 2
"""Codes of `Lean`."""

_NO_CODE: SignArray = np.full(1, UNKNOWN, dtype=np.int8)
_NO_STRENGTH: FloatArray = np.full(1, np.nan)


@dataclass(frozen=True, slots=True)
class Lean:
    """
    Which way a market goes, value by value.

    Attributes:
        code: `UNKNOWN`, `DOWN`, `MIXED` or `UP`.
        strength: How straight, 0 to 1; NaN while unknown.
    """

    code: SignArray
    strength: FloatArray

    @property
    def vote(self) -> FloatArray:
        """Strength with the sign of its direction, 0 where mixed; NaN while unknown."""
        votes: FloatArray = np.multiply(self.code - np.int8(MIXED), self.strength)
        return votes


class Closes(NamedTuple):
    """Closing prices of an interval and the open times of their bars, which strictly increase."""

    interval: Interval
    open_time_ms: TimeArray
    close: FloatArray


def leans(timeframes: Sequence[Closes], *, mixed_below: float, full_at: float) -> tuple[Lean, ...]:
    """
    Judge each bar by the signed efficiency of the candles up to it.

    Efficiency is the way price came over the way it went; of a walk without drift it stays
    below 0.2 in two windows of five and exceeds 0.5 in one of five.

    Args:
        timeframes: At least one; all of different intervals, with or without holes.
        mixed_below: Efficiency from which there is a direction.
        full_at: Efficiency from which strength is 1; positive.

    Returns:
        For each timeframe one value per bar; unknown for the first `EFFICIENCY_CANDLES`, and
        where a bar of its window is missing.
    """
    # One behind the other: most are short, and many small steps would cost more than one.
    closes = np.concatenate([timeframe.close for timeframe in timeframes])
    efficiency = _efficiency(closes)
    ends = accumulate(timeframe.close.size for timeframe in timeframes)
    parts = [slice(end - t.close.size, end) for end, t in zip(ends, timeframes, strict=True)]
    for timeframe, part in zip(timeframes, parts, strict=True):
        _forget_broken(efficiency[part], timeframe)
    # One code up for being known, for not going down, and for going up; NaN is none of them.
    code = np.full(efficiency.size, UNKNOWN, dtype=np.int8)
    for told in (efficiency >= -1.0, efficiency > -mixed_below, efficiency >= mixed_below):
        code += told.view(np.int8)
    strength = np.abs(efficiency, out=efficiency)
    strength /= full_at
    np.minimum(strength, 1.0, out=strength)
    return tuple(Lean(code[part], strength[part]) for part in parts)


def _efficiency(closes: FloatArray) -> FloatArray:
    """`signed_efficiency`, block by block."""
    efficiency = np.full(closes.size, np.nan)
    for block in blocks(closes.size, EFFICIENCY_CANDLES):
        part = signed_efficiency(closes[block], EFFICIENCY_CANDLES)
        efficiency[block][EFFICIENCY_CANDLES:] = part[EFFICIENCY_CANDLES:]
    return efficiency


def _forget_broken(efficiency: FloatArray, timeframe: Closes) -> None:
    """Make NaN what reaches back beyond the first bar or across a hole."""
    open_ms, duration_ms = timeframe.open_time_ms, timeframe.interval.duration_ms
    span, n = EFFICIENCY_CANDLES, timeframe.open_time_ms.size
    efficiency[:span] = np.nan
    if n > span and int(open_ms[-1] - open_ms[0]) != (n - 1) * duration_ms:
        efficiency[span:][open_ms[span:] - open_ms[:-span] != span * duration_ms] = np.nan


def latest(told: Lean, timeframe: Closes, at_ms: TimeArray, apart_ms: int = 1) -> Lean:
    """
    Return what the newest bar that had closed said at each moment.

    Args:
        told: One value per bar.
        timeframe: The bars.
        at_ms: Moments, strictly increasing; shape ``(n,)``.
        apart_ms: No two moments are closer to each other.

    Returns:
        One value per moment; unknown where the bar that should have been the newest is missing.
    """
    duration_ms = timeframe.interval.duration_ms
    ends_ms = timeframe.open_time_ms + duration_ms
    last = _before_holes(timeframe)
    # A bar is the newest closed one from its end until the next one's, or until that is missing.
    begins_ms = np.concatenate((ends_ms, ends_ms[last] + duration_ms))
    code = np.concatenate((told.code, _NO_CODE.repeat(last.size)))
    strength = np.concatenate((told.strength, _NO_STRENGTH.repeat(last.size)))
    if last.size > 1:
        order = begins_ms.argsort()
        begins_ms, code, strength = begins_ms[order], code[order], strength[order]
    edges = np.empty(begins_ms.size + 1, dtype=np.intp)
    edges[:-1] = _places(begins_ms, at_ms, apart_ms)
    edges[-1] = at_ms.size
    before = int(edges[0])
    lengths = edges[1:] - edges[:-1]
    code, strength = code.repeat(lengths), strength.repeat(lengths)
    if before:
        code = np.concatenate((_NO_CODE.repeat(before), code))
        strength = np.concatenate((_NO_STRENGTH.repeat(before), strength))
    return Lean(code, strength)


def _places(begins_ms: TimeArray, at_ms: TimeArray, apart_ms: int) -> TimeArray:
    """How many moments are before each begin."""
    n = at_ms.size
    if n == 0 or int(at_ms[-1] - at_ms[0]) != (n - 1) * apart_ms:
        return np.asarray(at_ms.searchsorted(begins_ms), dtype=np.int64)
    # Of moments in equal steps this is a division, which costs a tenth of a search.
    places: TimeArray = begins_ms - (at_ms[0] - (apart_ms - 1))
    places //= apart_ms
    np.maximum(places, 0, out=places)
    np.minimum(places, n, out=places)
    return places


def _before_holes(timeframe: Closes) -> npt.NDArray[np.intp]:
    """Rows of bars that are not followed at once by another one; the newest bar is among them."""
    open_ms, n = timeframe.open_time_ms, timeframe.open_time_ms.size
    newest = np.arange(max(n - 1, 0), n)
    if n == 0 or int(open_ms[-1] - open_ms[0]) == (n - 1) * timeframe.interval.duration_ms:
        return newest
    holes = (open_ms[1:] - open_ms[:-1] != timeframe.interval.duration_ms).nonzero()[0]
    return np.concatenate((holes, newest))


def alignment_score(leans: Sequence[Lean]) -> FloatArray:
    """
    Return the mean vote, -1 to 1, of at least one timeframe.

    NaN where one of them is unknown: a mean over fewer timeframes is another number.
    """
    total = leans[0].vote
    for told in leans[1:]:
        total += told.vote
    total /= len(leans)
    return total
