"""Which way each timeframe goes, from the bars that had closed by a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.indicators.directional import signed_efficiency
from core.model.candles import FloatArray, TimeArray
from core.model.intervals import Interval
from core.model.shape_columns import SignArray

EFFICIENCY_CANDLES = 10
"""Kaufman's own look-back for the efficiency ratio (*Trading Systems and Methods*, ch. 17)."""


UNKNOWN, DOWN, MIXED, UP = -1, 0, 1, 2
"""Codes of `Lean`."""


@dataclass(frozen=True, slots=True)
class Lean:
    """
    Which way a market goes, value by value.

    Attributes:
        code: `UNKNOWN`, `DOWN`, `MIXED` or `UP`.
        strength: How straight, 0 to 1; NaN while unknown.
        vote: Strength with the sign of its direction, 0 where mixed; NaN while unknown.
    """

    code: SignArray
    strength: FloatArray
    vote: FloatArray


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
    efficiency = signed_efficiency(closes, EFFICIENCY_CANDLES)
    ends = accumulate(timeframe.close.size for timeframe in timeframes)
    parts = [slice(end - t.close.size, end) for end, t in zip(ends, timeframes, strict=True)]
    for timeframe, part in zip(timeframes, parts, strict=True):
        _forget_broken(efficiency[part], timeframe)
    direction = np.subtract(efficiency >= mixed_below, efficiency <= -mixed_below, dtype=np.int8)
    code = direction + np.int8(MIXED)
    code[np.isnan(efficiency)] = UNKNOWN
    strength = np.abs(efficiency, out=efficiency)
    strength /= full_at
    np.clip(strength, 0.0, 1.0, out=strength)
    vote = direction * strength
    return tuple(Lean(code[part], strength[part], vote[part]) for part in parts)


def _forget_broken(efficiency: FloatArray, timeframe: Closes) -> None:
    """Make NaN what reaches back beyond the first bar or across a hole."""
    open_ms, duration_ms = timeframe.open_time_ms, timeframe.interval.duration_ms
    span, n = EFFICIENCY_CANDLES, timeframe.open_time_ms.size
    efficiency[:span] = np.nan
    if n > span and int(open_ms[-1] - open_ms[0]) != (n - 1) * duration_ms:
        efficiency[span:][open_ms[span:] - open_ms[:-span] != span * duration_ms] = np.nan


def latest(told: Lean, timeframe: Closes, at_ms: TimeArray) -> Lean:
    """
    Return what the newest bar that had closed said at each moment.

    Args:
        told: One value per bar.
        timeframe: The bars.
        at_ms: Moments, strictly increasing; shape ``(n,)``.

    Returns:
        One value per moment; unknown where the bar that should have been the newest is missing.
    """
    # A bar is the newest closed one from its end until the next one's.
    duration_ms = timeframe.interval.duration_ms
    ends_ms = timeframe.open_time_ms + duration_ms
    edges = np.zeros(2 * ends_ms.size + 2, dtype=np.intp)
    edges[1:-1:2] = at_ms.searchsorted(ends_ms)
    edges[2:-1:2] = edges[3::2]  # the next bar takes its place, where there is one
    last = _before_holes(timeframe)
    edges[2:-1:2][last] = at_ms.searchsorted(ends_ms[last] + duration_ms)
    edges[-1] = at_ms.size
    lengths = edges[1:] - edges[:-1]  # before the first bar, during it, between it and the next …
    code = np.full(lengths.size, UNKNOWN, dtype=np.int8)
    measures = np.full((2, lengths.size), np.nan)
    code[1::2], measures[0, 1::2], measures[1, 1::2] = told.code, told.strength, told.vote
    strength, vote = measures.repeat(lengths, axis=1)
    return Lean(code.repeat(lengths), strength, vote)


def _before_holes(timeframe: Closes) -> npt.NDArray[np.intp]:
    """Rows of bars that are not followed at once by another one; the newest bar is among them."""
    open_ms, n = timeframe.open_time_ms, timeframe.open_time_ms.size
    newest = np.arange(max(n - 1, 0), n)
    if n == 0 or int(open_ms[-1] - open_ms[0]) == (n - 1) * timeframe.interval.duration_ms:
        return newest
    holes = np.flatnonzero(open_ms[1:] - open_ms[:-1] != timeframe.interval.duration_ms)
    return np.concatenate((holes, newest))


def alignment_score(leans: Sequence[Lean]) -> FloatArray:
    """
    Return the mean vote, -1 to 1, of at least one timeframe.

    NaN where one of them is unknown: a mean over fewer timeframes is another number.
    """
    total = np.zeros(leans[0].vote.size)
    for told in leans:
        total += told.vote
    return total / len(leans)
