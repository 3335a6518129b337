"""Which way each timeframe goes, from the bars that had closed by a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
    sizes = [timeframe.close.size for timeframe in timeframes]
    durations = [timeframe.interval.duration_ms for timeframe in timeframes]
    open_time_ms = np.concatenate([timeframe.open_time_ms for timeframe in timeframes])
    duration_ms = np.repeat(np.array(durations, dtype=np.int64), sizes)
    span = EFFICIENCY_CANDLES
    efficiency = signed_efficiency(np.concatenate([t.close for t in timeframes]), span)
    if efficiency.size > span:
        step_ms = duration_ms[span:]
        broken = open_time_ms[span:] - open_time_ms[:-span] != span * step_ms
        broken |= duration_ms[:-span] != step_ms
        efficiency[span:][broken] = np.nan
    direction = np.subtract(efficiency >= mixed_below, efficiency <= -mixed_below, dtype=np.int8)
    strength = np.minimum(np.abs(efficiency) / full_at, 1.0)
    code = direction + np.int8(MIXED)
    code[np.isnan(strength)] = UNKNOWN
    vote = direction * strength
    stops = np.cumsum(sizes).tolist()
    return tuple(
        Lean(code[stop - size : stop], strength[stop - size : stop], vote[stop - size : stop])
        for stop, size in zip(stops, sizes, strict=True)
    )


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
    edges[1:-1:2] = np.searchsorted(at_ms, ends_ms)
    edges[2:-1:2] = np.searchsorted(at_ms, ends_ms + duration_ms)
    edges[-1] = at_ms.size
    lengths = np.diff(edges)  # before the first bar, during it, between it and the next ...
    code = np.full(lengths.size, UNKNOWN, dtype=np.int8)
    strength, vote = np.full((2, lengths.size), np.nan)
    code[1::2], strength[1::2], vote[1::2] = told.code, told.strength, told.vote
    return Lean(np.repeat(code, lengths), np.repeat(strength, lengths), np.repeat(vote, lengths))


def alignment_score(leans: Sequence[Lean]) -> FloatArray:
    """
    Return the mean vote, -1 to 1, of at least one timeframe.

    NaN where one of them is unknown: a mean over fewer timeframes is another number.
    """
    total = np.zeros(leans[0].vote.size)
    for told in leans:
        total += told.vote
    return total / len(leans)
