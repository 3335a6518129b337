"""
What takers did, as far as candles tell it: who pushed, how unusually, and what came of it.

Every result is a function of a fixed stretch of candles before it, of nothing older.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.indicators.averages import rolling_sum
from core.indicators.channels import rolling_max
from core.model.candles import CandleSeries, FloatArray

RowArray: TypeAlias = npt.NDArray[np.intp]

# Imbalances that differ by less than a millionth do not differ: squares of 16 digits cannot tell.
_LEAST_VARIANCE = 1e-12
# Columns of 12,000 and a window are below 128 KiB, from which on the C library asks the system.
_BLOCK_CANDLES = 12_000
_NO_ROWS: RowArray = np.zeros(0, dtype=np.intp)
_LEAST_VOLUME = float(np.finfo(np.float64).tiny)
# Two extremes within a few candles are one: the later is no new attempt that could fail.
APART_CANDLES = 4
# Net takers of a twentieth of the volume in between are no accident of a few trades.
_LEAST_SHARE = 0.05


def taker_delta(volume: FloatArray, taker_buy_volume: FloatArray) -> FloatArray:
    """Base volume of takers who bought less that of takers who sold."""
    return 2.0 * taker_buy_volume - volume


def taker_imbalance(volume: FloatArray, taker_buy_volume: FloatArray) -> FloatArray:
    """
    Delta as a share of volume.

    Returns:
        In [-1, 1] but for rounding, shape ``(n,)``; 0 where nothing was traded, NaN where it
        is not known who took.
    """
    # Where volume is 0, so is delta, whatever it is divided by.
    return taker_delta(volume, taker_buy_volume) / np.maximum(volume, _LEAST_VOLUME)


def imbalance_z(imbalance: FloatArray, period: int) -> FloatArray:
    """
    How unusual each imbalance is among the newest ``period``, itself included.

    Args:
        imbalance: In [-1, 1], oldest first; shape ``(n,)``.
        period: In candles, at least 1.

    Returns:
        In population standard deviations, shape ``(n,)``; never beyond the square root of
        ``period - 1``; 0 where all are equal; NaN for the first ``period - 1`` candles and
        where one of the window is NaN.
    """
    distance, variance = _spread(imbalance, period)
    varied = variance > _LEAST_VARIANCE
    z = distance / np.sqrt(np.where(varied, variance, 1.0))
    return np.where(varied | np.isnan(distance), z, 0.0)


def delta_share(candles: CandleSeries, period: int) -> float:
    """
    Slope of cumulative delta over the newest ``period`` candles, in mean volumes per candle.

    That is their delta over their volume: in [-1, 1]; 0 where nothing was traded, NaN where
    there are fewer candles or it is not known who took.
    """
    if len(candles) < period:
        return float("nan")
    newest = candles.tail(period)
    volume = float(newest.volume.sum())
    net = float(taker_delta(newest.volume, newest.taker_buy_volume).sum())
    return max(-1.0, min(1.0, net / volume)) if volume != 0.0 else net


@dataclass(frozen=True, slots=True)
class AbsorptionRules:
    """
    When takers count as absorbed; a candle is compared with the ``period`` before it.

    Attributes:
        least_z: Of the imbalance, its own candle among the ``period``.
        least_volume: In mean volumes.
        most_progress: From open to close, the takers' way, in mean true ranges.
    """

    period: int
    least_z: float
    least_volume: float
    most_progress: float


def absorbed_takers(candles: CandleSeries, rules: AbsorptionRules) -> tuple[RowArray, RowArray]:
    """
    Find candles whose takers pushed hard, in large volume, and hardly moved the price.

    The mean true range is a plain mean, not Wilder's, which never forgets.

    Returns:
        Rows where buying was absorbed and rows where selling was, each in order; none among
        the first ``period + 1``.
    """
    rows, side = _busy_and_lopsided(candles, rules)
    before = rows[:, np.newaxis] + np.arange(-rules.period, 0)
    last_close = candles.close[before - 1]
    top, bottom = candles.high[before], candles.low[before]
    ranges = np.maximum(top, last_close) - np.minimum(bottom, last_close)
    progress = (candles.close[rows] - candles.open[rows]) * side
    stuck = progress <= rules.most_progress * ranges.mean(axis=1)
    return rows[stuck & (side > 0.0)], rows[stuck & (side < 0.0)]


def divergences(
    price: FloatArray, delta: FloatArray, volume: FloatArray, period: int, side: int
) -> tuple[RowArray, RowArray]:
    """
    Find new extremes that takers did not make: since the one before they went the other way.

    For ``side`` +1 a row is meant whose high is above the ``period - 1`` before it, but not
    one of a run of such highs (the last `APART_CANDLES` before it made none), and since
    whose earlier high (the latest at the maximum of those before) delta is at most minus a
    twentieth of the volume traded. For -1 the same of lows, upside down.

    Args:
        price: Highs for +1, lows for -1, shape ``(n,)``.
        delta: Of takers, shape ``(n,)``.
        volume: Likewise.
        period: In candles, at least ``2 + APART_CANDLES``.
        side: +1 for tops, -1 for bottoms.

    Returns:
        The rows in order and, for each, the row of the earlier extreme.
    """
    rows = _new_extremes(price, period, side)
    before = price[rows[:, np.newaxis] - np.arange(1, period)]
    age = 1 + (np.argmax(before, axis=1) if side > 0 else np.argmin(before, axis=1))
    net = side * _sums(delta, rows - age + 1, rows)
    traded = _sums(volume, rows - age + 1, rows)
    against = (net < 0.0) & (net <= -_LEAST_SHARE * traded)
    return rows[against], (rows - age)[against]


def _spread(values: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Distance of each value, of size 1, from the mean of its window; variance of the window."""
    mean = rolling_sum(values, period)
    mean /= period
    variance = rolling_sum(values * values, period)
    variance /= period
    variance -= mean * mean
    return np.subtract(values, mean, out=mean), variance


def _sums(values: FloatArray, first: RowArray, last: RowArray) -> FloatArray:
    """Sum of each stretch of at least two values, the last one included."""
    if first.size == 0:
        return np.zeros(0)
    sums: FloatArray = np.add.reduceat(values, np.column_stack((first, last)).ravel())[::2]
    return sums + values[last]


def _blocks(n: int, lead: int) -> Iterator[slice]:
    """
    Cut rows ``lead`` to ``n`` into blocks, each with the ``lead`` rows before it.

    Temporary columns as long as the series would be fresh pages of the system each time,
    which takes longer than the arithmetic. Results do not depend on the blocks.
    """
    for first in range(lead, n, _BLOCK_CANDLES):
        yield slice(first - lead, first + _BLOCK_CANDLES)


def _busy_and_lopsided(
    candles: CandleSeries, rules: AbsorptionRules
) -> tuple[RowArray, FloatArray]:
    """Rows of large volume and unusual imbalance, and to which side of the mean it is."""
    lead = rules.period + 1  # the first true range before a row needs the close before it
    found, sides = [_NO_ROWS], [np.zeros(0)]
    for block in _blocks(len(candles), lead):
        volume = candles.volume[block]
        imbalance = taker_imbalance(volume, candles.taker_buy_volume[block])
        distance, variance = _spread(imbalance, rules.period)
        least = np.maximum(variance, _LEAST_VARIANCE)
        least *= rules.least_z * rules.least_z
        far = (distance * distance >= least)[lead:]
        usual = rolling_sum(volume, rules.period)[lead - 1 : -1]
        usual *= rules.least_volume / rules.period
        rows = np.flatnonzero(far & (volume[lead:] >= usual)) + lead
        found.append(rows + block.start)
        sides.append(np.sign(distance[rows]))
    return np.concatenate(found), np.concatenate(sides)


def _new_extremes(price: FloatArray, period: int, side: int) -> RowArray:
    """Rows beyond all of the ``period - 1`` before, none of the last of which was beyond others."""
    found = [_NO_ROWS]
    for block in _blocks(price.size, period - 1):
        part = side * price[block]
        top = rolling_max(part, period - 1)[period - 2 : -1]
        # Maxima of two, then of four candles: the newest `APART_CANDLES` before each row.
        lately = np.maximum(part[1:-1], part[:-2])
        lately = np.maximum(lately[2:], lately[:-2])[-top.size :]
        new = (part[period - 1 :] > top) & (lately < top)
        found.append(np.flatnonzero(new) + block.start + period - 1)
    return np.concatenate(found)
