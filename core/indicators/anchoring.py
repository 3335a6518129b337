"""
Runs that begin where the clock says, not where a window happens to begin.

A recursive indicator never quite forgets its first candle. If each caller started
it at the head of its own window, the same closed bar would have other values on
the chart, in the engine and in a replay. So time is cut into blocks of
`BLOCK_CANDLES` bars on a grid from the epoch (for 1m four hours: the grid holds
every UTC midnight), and the values of a block come from one run that begins
``memory_candles`` bars before the block. A bar's value is then a function of that
bar and of a fixed stretch before it: the same, to the bit, in every window that
reaches back so far, and unchanged when later bars arrive.
"""

from typing import NamedTuple

import numpy as np

from core.model.candles import TimeArray
from core.model.intervals import Interval

# A longer block is a longer warm-up but fewer runs, and each has its overhead: with 240, half
# as many as with 120.
BLOCK_CANDLES = 240


class Run(NamedTuple):
    """
    Rows to compute together, and which of the results to keep.

    Attributes:
        start: First row to compute from.
        first, stop: Rows whose values come from this run (``stop`` exclusive).
    """

    start: int
    first: int
    stop: int


def warm_up(memory_candles: int) -> int:
    """Rows at the head of any gapless window whose run may begin before the window."""
    return memory_candles + BLOCK_CANDLES - 1


def anchored_runs(
    open_time_ms: TimeArray, interval: Interval, memory_candles: int
) -> tuple[Run, ...]:
    """
    Cut a series into runs, oldest first; together their kept rows cover it once.

    Rows before the first anchor inside the series are kept from one run that begins
    at row 0: they are the best guess this window allows and lie within `warm_up`.

    Args:
        open_time_ms: Strictly increasing; gaps are allowed; shape ``(n,)``.
        interval: Of the series.
        memory_candles: How far before its block a run begins, at least 0.
    """
    if open_time_ms.size == 0:
        return ()
    n, duration_ms = int(open_time_ms.size), interval.duration_ms
    # Each is a bar's start and later than the one before: what spans no more room lacks none.
    if int(open_time_ms[-1] - open_time_ms[0]) == (n - 1) * duration_ms:
        lead = -(int(open_time_ms[0]) // duration_ms) % BLOCK_CANDLES
        return _runs_without_holes(n, lead, memory_candles)
    block_ms = BLOCK_CANDLES * duration_ms
    first_block, last_block = int(open_time_ms[0]) // block_ms, int(open_time_ms[-1]) // block_ms
    blocks_ms = np.arange(first_block, last_block + 1) * block_ms
    firsts = open_time_ms.searchsorted(blocks_ms).tolist()
    memory_ms = memory_candles * duration_ms
    starts = open_time_ms.searchsorted(blocks_ms - memory_ms).tolist()
    kept: list[tuple[int, int]] = []
    # Plain numbers: in a window of an evaluation there are some six blocks.
    for start, first, stop in zip(starts, firsts, [*firsts[1:], n], strict=True):
        # A gap may swallow blocks, and blocks with one start are one run.
        if first < stop and (not kept or kept[-1][0] != start):
            kept.append((start, first))
    stops = [*(first for _, first in kept[1:]), n]
    return tuple(Run(start, first, stop) for (start, first), stop in zip(kept, stops, strict=True))


def _runs_without_holes(n: int, lead: int, memory_candles: int) -> tuple[Run, ...]:
    """Cut ``n`` rows, the first anchor among which is row ``lead``: no search is needed."""
    # Of blocks that would have to begin before the series all are one run.
    blocks_inside = max((memory_candles - lead) // BLOCK_CANDLES + 1, 0)
    second = lead + blocks_inside * BLOCK_CANDLES
    later = [
        Run(first - memory_candles, first, min(first + BLOCK_CANDLES, n))
        for first in range(second, n, BLOCK_CANDLES)
    ]
    return (Run(0, 0, min(second, n)), *later) if second > 0 else tuple(later)
