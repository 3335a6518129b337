"""Recursive indicators over a whole series, without a trace of where the series begins."""

from collections.abc import Callable

import numpy as np

from core.indicators.anchoring import BLOCK_CANDLES, anchored_runs
from core.model.candles import CandleSeries, FloatArray
from core.model.overlay import LONGEST_WARM_UP

LONGEST_MEMORY = LONGEST_WARM_UP - BLOCK_CANDLES + 1
"""Candles; a run may begin no further before its block."""

# What is left of the first value is (1 - 1/period) ** n after n candles of Wilder's mean: 2e-16
# after 36 periods. An exponential average of the same period forgets twice as fast.
_WILDER_PERIODS = 36
_EMA_PERIODS = 18


def ema_memory(period: int) -> int:
    """Candles after which an exponential average has forgotten its seed, or what is allowed."""
    return min(_EMA_PERIODS * (period + 1), LONGEST_MEMORY)


def wilder_memory(period: int) -> int:
    """Candles after which Wilder's mean has forgotten its seed, or what is allowed."""
    return min(_WILDER_PERIODS * period, LONGEST_MEMORY)


def anchored_values(
    candles: CandleSeries,
    memory_candles: int,
    values: Callable[[slice], tuple[FloatArray, ...]],
) -> tuple[FloatArray, ...]:
    """
    Compute columns run by run (`core.indicators.anchoring`) and join what each run keeps.

    After the warm-up a bar has the same values, to the bit, in every window. They differ from
    one run over all of history by what the seed of a run still weighs after
    ``memory_candles``. A column begins with as many NaN as `values` leaves, at the head of the
    series and after a hole as long as the memory.

    Args:
        candles: Of any length; only their times are looked at here.
        memory_candles: How far before its block a run begins; warm-up is `anchoring.warm_up`.
        values: Columns of the rows of a slice, each as long as the slice; an empty slice too.
    """
    runs = anchored_runs(candles.open_time_ms, candles.interval, memory_candles)
    if not runs:
        return values(slice(0, 0))
    parts = [
        [column[run.first - run.start :] for column in values(slice(run.start, run.stop))]
        for run in runs
    ]
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))
