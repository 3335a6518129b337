"""One-minute candles folded to higher intervals; equal to what the exchange says of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.model.candles import FLOW_COLUMNS, Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval


def fold(minutes: CandleSeries, interval: Interval) -> CandleSeries:
    """
    Fold 1m candles to every bar of ``interval`` they complete.

    A bar that lacks any of its minutes is left out rather than guessed. Prices and counts are
    exact; volumes are sums of float64.
    """
    step = interval.duration_ms
    bucket = minutes.open_time_ms - minutes.open_time_ms % step
    first = np.flatnonzero(np.diff(bucket, prepend=np.int64(-1)))
    count = np.diff(first, append=bucket.size)
    whole = count == step // MINUTE_MS
    start, last = first[whole], (first + count - 1)[whole]
    if start.size == 0:
        return CandleSeries.empty(minutes.symbol, interval)

    def summed(name: str) -> Any:
        return np.add.reduceat(getattr(minutes, name), first)[whole]

    return CandleSeries(
        minutes.symbol,
        interval,
        bucket[start],
        minutes.open[start],
        np.maximum.reduceat(minutes.high, first)[whole],
        np.minimum.reduceat(minutes.low, first)[whole],
        minutes.close[last],
        summed("volume"),
        summed("quote_volume"),
        summed("trades"),
        summed("taker_buy_volume"),
        summed("taker_buy_quote_volume"),
    )


def fold_running(
    minutes: CandleSeries, running: Candle | None, interval: Interval
) -> Candle | None:
    """
    Fold what is known of an unfinished bar.

    Args:
        minutes: Closed 1m candles of the bar so far, and of no other.
        running: The 1m candle in progress; None between two minutes.
        interval: Of the unfinished bar.

    Returns:
        The bar so far; None where nothing is known or a minute of it is missing.
    """
    newest_ms = running.open_time_ms if running is not None else _newest_ms(minutes)
    if newest_ms is None:
        return None
    start_ms = interval.open_time_ms(newest_ms)
    wanted = (newest_ms - start_ms) // MINUTE_MS + (running is None)
    if len(minutes) != wanted or (
        wanted
        and (minutes.open_time_ms[0] != start_ms or _span(minutes) != (wanted - 1) * MINUTE_MS)
    ):
        return None
    closed = [_joined(minutes)] if wanted else []
    parts = closed if running is None else [*closed, running]
    return _of_parts(start_ms, parts)


def _newest_ms(minutes: CandleSeries) -> int | None:
    return int(minutes.open_time_ms[-1]) if len(minutes) else None


def _span(minutes: CandleSeries) -> int:
    return int(minutes.open_time_ms[-1] - minutes.open_time_ms[0])


def _joined(minutes: CandleSeries) -> Candle:
    sums = {name: getattr(minutes, name).sum().item() for name in FLOW_COLUMNS}
    return Candle(
        open_time_ms=int(minutes.open_time_ms[0]),
        open=minutes.open[0].item(),
        high=minutes.high.max().item(),
        low=minutes.low.min().item(),
        close=minutes.close[-1].item(),
        **sums,
    )


def _of_parts(open_time_ms: int, parts: Sequence[Candle]) -> Candle:
    sums = {name: sum(getattr(part, name) for part in parts) for name in FLOW_COLUMNS}
    return Candle(
        open_time_ms=open_time_ms,
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        **sums,
    )
