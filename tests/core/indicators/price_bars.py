"""Candles written as prices, for tests of shapes that few candles make."""

from collections.abc import Sequence

import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from tests.builders import START_MS, candle, random_walk

MINUTE_MS = 60_000


def bars(
    prices: Sequence[tuple[float, float, float, float]], missing: Sequence[int] = ()
) -> CandleSeries:
    """Contiguous candles of (open, high, low, close), without those numbered in ``missing``."""
    rows = [
        candle(START_MS + i * MINUTE_MS, c, open=o, high=h, low=low)
        for i, (o, h, low, c) in enumerate(prices)
        if i not in missing
    ]
    return CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)


def rough_market(n: int, seed: int, *, tick: float, missing: float) -> CandleSeries:
    """
    A random walk on coarse prices, where many are equal, with holes.

    Args:
        n: Candles, before some are taken out.
        seed: Of the walk and of the holes.
        tick: Prices are multiples of it; they begin at 100.
        missing: Share of the candles that is taken out.
    """
    walk = random_walk(n, seed=seed)
    kept = np.random.default_rng(seed).random(n) >= missing
    columns = (walk.open, walk.high, walk.low, walk.close)
    coarse = [np.maximum(np.round(column[kept] / tick), 1.0) * tick for column in columns]
    rest = (walk.volume, walk.quote_volume, walk.trades)
    taker = (walk.taker_buy_volume, walk.taker_buy_quote_volume)
    return CandleSeries(
        walk.symbol,
        walk.interval,
        walk.open_time_ms[kept],
        *coarse,
        *(column[kept] for column in rest),
        *(column[kept] for column in taker),
    )
