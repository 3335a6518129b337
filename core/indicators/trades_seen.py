"""What was seen of single trades and of the book, laid beside candles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.indicators.order_flow import RowArray
from core.model.candles import CandleSeries, FloatArray
from core.model.intervals import MINUTE_MS
from core.model.order_flow import FlowSeries, Footprint
from core.model.shape_columns import SignArray


def delta_of_trades(candles: CandleSeries, flow: FlowSeries | None) -> FloatArray:
    """
    Delta of the trades that were seen, per candle.

    Returns:
        Base volume, shape ``(n,)``; NaN unless all trades of all minutes were seen.
    """
    n = len(candles)
    seen = np.full(n, np.nan)
    if n == 0 or flow is None:
        return seen
    duration_ms = candles.interval.duration_ms
    first = int(np.searchsorted(flow.open_time_ms, candles.open_time_ms[0]))
    minute_ms, delta = flow.open_time_ms[first:], flow.delta[first:]
    row = np.searchsorted(candles.open_time_ms, minute_ms, side="right") - 1
    within = flow.complete[first:] & (minute_ms < candles.open_time_ms[row] + duration_ms)
    if not within.any():
        return seen
    # Only the candles from the first one heard on: minutes are remembered for less than candles.
    start = int(row[0])
    beside = row[within] - start
    minutes = np.bincount(beside, minlength=n - start)
    total = np.bincount(beside, weights=delta[within], minlength=n - start)
    seen[start:] = np.where(minutes == duration_ms // MINUTE_MS, total, np.nan)
    return seen


def absorption_prices(
    candles: CandleSeries, rows: RowArray, side: SignArray, footprints: Sequence[Footprint]
) -> FloatArray:
    """
    Where within each candle the most was bought, or sold, by takers.

    Args:
        candles: Of any interval.
        rows: Candles to look into.
        side: For each of them +1 where takers who bought are looked for, else -1.
        footprints: Of single minutes, oldest first.

    Returns:
        Middle of the busiest bucket, shape ``(rows.size,)``; NaN unless every minute of the
        candle has a footprint.
    """
    prices = np.full(rows.size, np.nan)
    if not footprints:
        return prices
    begins = np.array([footprint.open_time_ms for footprint in footprints])
    minutes = candles.interval.duration_ms // MINUTE_MS
    opens_ms = candles.open_time_ms[rows]
    first = np.searchsorted(begins, opens_ms)
    stop = np.searchsorted(begins, opens_ms + candles.interval.duration_ms)
    # The loop runs over candles within the few dozen minutes whose footprints are remembered.
    for i in np.flatnonzero(stop - first == minutes).tolist():
        prices[i] = _busiest(footprints[first[i] : stop[i]], buying=bool(side[i] > 0))
    return prices


def _busiest(minutes: Sequence[Footprint], *, buying: bool) -> float:
    """Middle of the bucket of the coarsest minute's width with the most; the lowest of equals."""
    width = max(footprint.width for footprint in minutes)
    middle = np.concatenate([f.price + f.width / 2.0 for f in minutes])
    volume = np.concatenate([f.buy_volume if buying else f.sell_volume for f in minutes])
    if volume.size == 0:
        return math.nan
    bucket = np.floor(middle / width).astype(np.int64)
    lowest = int(bucket.min())
    return (lowest + int(np.argmax(np.bincount(bucket - lowest, weights=volume))) + 0.5) * width


@dataclass(frozen=True, slots=True)
class FlowReading:
    """
    What was heard during one candle; NaN where it was not.

    Attributes:
        book_mean: Imbalance of the best quantities, in [-1, 1], mean of the minutes heard.
        book_last: The same at the end of the candle's last minute.
        spread_bps: Mean of the minutes heard.
        trade_size: Base volume per single trade of the minutes heard.
        minutes_heard: How many of the candle's minutes have a row.
    """

    book_mean: float
    book_last: float
    spread_bps: float
    trade_size: float
    minutes_heard: int


def newest_reading(candles: CandleSeries, flow: FlowSeries | None) -> FlowReading:
    """Return what was heard during the newest candle."""
    if flow is None or len(candles) == 0:
        return FlowReading(math.nan, math.nan, math.nan, math.nan, 0)
    begin_ms = int(candles.open_time_ms[-1])
    end_ms = begin_ms + candles.interval.duration_ms
    first, stop = np.searchsorted(flow.open_time_ms, (begin_ms, end_ms))
    part = flow.rows(int(first), int(stop))
    to_the_end = len(part) > 0 and int(part.open_time_ms[-1]) == end_ms - MINUTE_MS
    heard = ~np.isnan(part.buy_volume)
    volume = float((part.buy_volume[heard] + part.sell_volume[heard]).sum())
    trades = int(part.trades[heard].sum())
    return FlowReading(
        book_mean=_mean(part.imbalance_mean),
        book_last=float(part.imbalance_last[-1]) if to_the_end else math.nan,
        spread_bps=_mean(part.spread_bps),
        trade_size=volume / trades if trades else math.nan,
        minutes_heard=len(part),
    )


def _mean(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan
