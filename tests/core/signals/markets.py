"""Views and their features, drawn once."""

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays import load_overlays
from core.signals.features import candle_features
from tests.builders import START_MS, random_walk
from tests.core.overlays.markets import generated, view_of


@lru_cache(maxsize=64)
def shapes_of(view):
    return {key: o.compute(view, o.defaults) for key, o in load_overlays().items()}


def features_of(market):
    view = market if isinstance(market, MarketView) else MarketView(market)
    return candle_features(view, shapes_of(view))


@cache
def whole_view(fine: CandleSeries, interval: Interval, rows: int) -> MarketView:
    """The newest rows with everything there is beside them; nobody looks at them."""
    return replace(view_of(fine, interval, rows), shown_ms=None)


@cache
def heard_market() -> MarketView:
    """As much of a generated market as a decision looks at."""
    return whole_view(generated(1), Interval.M1, 1441)


def scaled(n=1441, *, price=1.0, volume=1.0, seed=4) -> CandleSeries:
    """A generated market at another price level, of another size."""
    market = random_walk(n, seed=seed, price=price)
    flow = ("volume", "quote_volume", "taker_buy_volume", "taker_buy_quote_volume")
    return replace(market, **{name: getattr(market, name) * volume for name in flow})


def still(n=1441, *, price=7.0, volume=0.0) -> CandleSeries:
    """A market that does not move."""
    prices = np.full(n, price)
    times = START_MS + np.arange(n, dtype=np.int64) * Interval.M1.duration_ms
    size, half = np.full(n, volume), np.full(n, volume / 2.0)
    trades = np.full(n, int(volume > 0.0), dtype=np.int64)
    return CandleSeries(
        "BTCUSDT",
        Interval.M1,
        times,
        prices,
        prices.copy(),
        prices.copy(),
        prices.copy(),
        size,
        size * price,
        trades,
        half,
        half * price,
    )
