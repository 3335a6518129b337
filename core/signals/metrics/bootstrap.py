"""How far a figure could be off by luck alone: seeded percentile bootstrap."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from core.model.candles import FloatArray
from core.signals.metrics.returns import DAYS_PER_YEAR

RESAMPLES = 2_000
SEED = 5
# With fewer, resampling shows little but the few values themselves.
LEAST_RESAMPLED = 10
_TAILS = (0.025, 0.975)  # 95 %
# Values that are in memory at once while resampling.
_MOST_VALUES = 500_000

Statistic: TypeAlias = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A 95 % interval; ``high`` is None where there is no telling how good it may be."""

    low: float
    high: float | None


def bounds_of(values: Sequence[float], statistic: Statistic) -> Bounds | None:
    """
    Return the percentile interval of a statistic over resampled values.

    The same values in the same order give the same interval: the draws are seeded.

    Args:
        values: Independent of each other, or taken to be.
        statistic: Takes resamples as rows, gives one value a row: NaN where it has
            none, infinity where it has no limit.

    Returns:
        None with fewer than ten values, or where more than one resample in twenty has no
        statistic; the others are left out.

    Source:
        B. Efron, R. Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13.
    """
    if len(values) < LEAST_RESAMPLED:
        return None
    sample = np.asarray(values, dtype=np.float64)
    found = np.concatenate([statistic(rows) for rows in _resamples(sample)])
    told = np.sort(found[~np.isnan(found)])
    if told.size < (_TAILS[1] - _TAILS[0]) * RESAMPLES:
        return None
    low, high = (_quantile(told, tail) for tail in _TAILS)
    return None if low is None else Bounds(low, high)


def mean_of_rows(rows: FloatArray) -> FloatArray:
    """Mean of each row."""
    means: FloatArray = rows.mean(axis=1)
    return means


def win_rate_of_rows(rows: FloatArray) -> FloatArray:
    """Share of positive values in each row."""
    return mean_of_rows((rows > 0.0).astype(np.float64))


def profit_factor_of_rows(rows: FloatArray) -> FloatArray:
    """Gains / losses of each row: infinite without a loss, NaN without either."""
    won, lost = np.maximum(rows, 0.0).sum(axis=1), np.maximum(-rows, 0.0).sum(axis=1)
    factors: FloatArray = np.where(won > 0.0, np.inf, np.nan)
    np.divide(won, lost, out=factors, where=lost > 0.0)
    return factors


def sharpe_of_rows(rows: FloatArray) -> FloatArray:
    """`returns.sharpe` of each row; NaN where all values are alike."""
    # A mean is rounded, so a row of one value may seem to deviate by the last bit of it.
    alike = rows.max(axis=1) == rows.min(axis=1)
    return _ratio(rows.mean(axis=1), np.where(alike, 0.0, rows.std(axis=1, ddof=1)))


def sortino_of_rows(rows: FloatArray) -> FloatArray:
    """`returns.sortino` of each row; NaN where nothing was lost."""
    return _ratio(rows.mean(axis=1), np.sqrt((np.minimum(rows, 0.0) ** 2).mean(axis=1)))


def _ratio(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    ratios: FloatArray = np.full(mean.shape, np.nan)
    np.divide(mean * math.sqrt(DAYS_PER_YEAR), deviation, out=ratios, where=deviation > 0.0)
    return ratios


def _resamples(sample: FloatArray) -> Iterator[FloatArray]:
    """Draw with replacement, as many rows at a time as fit in little memory."""
    draws = np.random.default_rng(SEED)
    at_once = max(1, _MOST_VALUES // sample.size)
    for begun in range(0, RESAMPLES, at_once):
        rows = min(at_once, RESAMPLES - begun)
        yield sample[draws.integers(0, sample.size, (rows, sample.size))]


def _quantile(ordered: FloatArray, share: float) -> float | None:
    """Interpolate linearly between the two values around ``share``; None where unlimited."""
    position = share * (ordered.size - 1)
    below, above = math.floor(position), math.ceil(position)
    if not math.isfinite(ordered[above]):
        return None
    return float(ordered[below] + (ordered[above] - ordered[below]) * (position - below))
