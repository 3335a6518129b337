"""Fine candles folded to higher intervals; equal to what the exchange says of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.model.candles import FLOW_COLUMNS, Candle, CandleSeries
from core.model.intervals import MINUTE_MS, Interval


def fold(bars: CandleSeries, interval: Interval) -> CandleSeries:
    """
    Fold candles to every bar of ``interval``, which theirs divides, that they complete.

    A bar that lacks any of its parts is left out rather than guessed. Prices and counts are
    exact; volumes are sums of float64.
    """
    step = interval.duration_ms
    bucket = bars.open_time_ms - bars.open_time_ms % step
    first = np.flatnonzero(np.diff(bucket, prepend=np.int64(-1)))
    count = np.diff(first, append=bucket.size)
    whole = count == step // bars.interval.duration_ms
    start, last = first[whole], (first + count - 1)[whole]
    if start.size == 0:
        return CandleSeries.empty(bars.symbol, interval)

    def summed(name: str) -> Any:
        return np.add.reduceat(getattr(bars, name), first)[whole]

    return CandleSeries(
        bars.symbol,
        interval,
        bucket[start],
        bars.open[start],
        np.maximum.reduceat(bars.high, first)[whole],
        np.minimum.reduceat(bars.low, first)[whole],
        bars.close[last],
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
    return join(start_ms, parts)


def join(open_time_ms: int, parts: Sequence[Candle]) -> Candle:
    """Return the bar that ``parts``, at least one and in order, make up."""
    high, low = parts[0].high, parts[0].low
    volume = quote_volume = taker_buy_volume = taker_buy_quote_volume = 0.0
    trades = 0
    for part in parts:  # written out: it runs for each symbol at each close
        high = part.high if part.high > high else high
        low = part.low if part.low < low else low
        volume += part.volume
        quote_volume += part.quote_volume
        trades += part.trades
        taker_buy_volume += part.taker_buy_volume
        taker_buy_quote_volume += part.taker_buy_quote_volume
    return Candle(
        open_time_ms,
        parts[0].open,
        high,
        low,
        parts[-1].close,
        volume,
        quote_volume,
        trades,
        taker_buy_volume,
        taker_buy_quote_volume,
    )


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
