"""
What takers did, as far as candles tell it: who pushed, how unusually, and what came of it.

Every result is a function of a fixed stretch of candles before it, of nothing older.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.indicators.averages import rolling_sum
from core.indicators.blocks import blocks
from core.model.candles import CandleSeries, FloatArray
from core.model.shape_columns import SignArray

RowArray: TypeAlias = npt.NDArray[np.intp]

# Imbalances that differ by less than a millionth do not differ: squares of 16 digits cannot tell.
_LEAST_VARIANCE = 1e-12
_NO_ROWS: RowArray = np.zeros(0, dtype=np.intp)
_NO_SIDES: SignArray = np.zeros(0, dtype=np.int8)
_LEAST_VOLUME = float(np.finfo(np.float64).tiny)
# Two extremes within a few candles are one: the later is no new attempt that could fail. A power
# of two, as windows are put together from such.
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


def absorbed_takers(
    candles: CandleSeries, delta: FloatArray, rules: AbsorptionRules
) -> tuple[RowArray, SignArray]:
    """
    Find candles whose takers pushed hard, in large volume, and hardly moved the price.

    Who pushed is told by the candle's own delta, which must be unusual on its own side: takers
    that sold, but less than they used to, bought nothing that could be absorbed. The mean true
    range is a plain mean, not Wilder's, which never forgets.

    Args:
        candles: Of any interval.
        delta: Of their takers, shape ``(n,)``.
        rules: What counts.

    Returns:
        The rows in order, none among the first ``period + 1``, and for each +1 where buying was
        absorbed, -1 where selling was.
    """
    rows, side = _busy_and_lopsided(candles.volume, delta, rules)
    before = rows[:, np.newaxis] + np.arange(-rules.period, 0)
    last_close = candles.close.take(before - 1)
    top, bottom = candles.high.take(before), candles.low.take(before)
    ranges = np.maximum(top, last_close) - np.minimum(bottom, last_close)
    progress = (candles.close[rows] - candles.open[rows]) * side
    stuck = progress <= rules.most_progress * ranges.mean(axis=1)
    return rows[stuck], side[stuck]


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
    if rows.size == 0:
        return rows, rows
    before = price.take(rows[:, np.newaxis] - np.arange(1, period))
    earlier = rows - 1 - (before.argmax(axis=1) if side > 0 else before.argmin(axis=1))
    net = side * _sums(delta, earlier + 1, rows)
    against = net < 0.0
    rows, earlier = rows[against], earlier[against]
    enough = net[against] <= -_LEAST_SHARE * _sums(volume, earlier + 1, rows)
    return rows[enough], earlier[enough]


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
    edges = np.empty(2 * first.size, dtype=np.intp)
    edges[::2], edges[1::2] = first, last
    sums: FloatArray = np.add.reduceat(values, edges)[::2]
    return sums + values[last]


def _busy_and_lopsided(
    volume: FloatArray, delta: FloatArray, rules: AbsorptionRules
) -> tuple[RowArray, SignArray]:
    """Rows of large volume whose imbalance is unusual for its own side, and that side."""
    lead = rules.period + 1  # the first true range before a row needs the close before it
    found, sides = [_NO_ROWS], [_NO_SIDES]
    for block in blocks(volume.size, lead):
        traded, net = volume[block], delta[block]
        usual = rolling_sum(traded, rules.period)[lead - 1 : -1]
        usual *= rules.least_volume / rules.period
        distance, variance = _spread(net / np.maximum(traded, _LEAST_VOLUME), rules.period)
        np.maximum(variance, _LEAST_VARIANCE, out=variance)
        variance *= rules.least_z * rules.least_z
        far = (distance * distance >= variance)[lead:]
        far &= traded[lead:] >= usual
        rows = far.nonzero()[0] + lead
        side = np.sign(net[rows])
        own = side * distance[rows] > 0.0
        found.append(rows[own] + block.start)
        sides.append(side[own].astype(np.int8))
    return np.concatenate(found), np.concatenate(sides)


def _new_extremes(price: FloatArray, period: int, side: int) -> RowArray:
    """Rows beyond all of the ``period - 1`` before, none of the last of which was beyond others."""
    pick, beyond = (np.maximum, np.greater) if side > 0 else (np.minimum, np.less)
    lead, found = period - 1, [_NO_ROWS]
    for block in blocks(price.size, lead):
        part = price[block]
        # Extremes of 2, 4, 8, ... candles by their first; two of the longest make up a window.
        stretch, length = part, 1
        while 2 * length <= lead:
            stretch = pick(stretch[:-length], stretch[length:])
            length *= 2
            if length == APART_CANDLES:
                lately = stretch
        later = lead - length
        # Few rows are beyond the newer stretch of their window: only they are looked at closely.
        first = beyond(part[lead:], stretch[later : part.size - length]).nonzero()[0]
        rows = first + lead
        top = pick(stretch[first], stretch[first + later])
        new = beyond(part[rows], top) & beyond(top, lately[rows - APART_CANDLES])
        found.append(rows[new] + block.start)
    return np.concatenate(found)
