"""Small, honest market data for tests: built, never read from a file."""

import copy
import functools
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from core.config import REPOSITORY, Home, Settings, parse_settings
from core.model.candles import Candle, CandleSeries
from core.model.instrument import Instrument
from core.model.intervals import Interval

START_MS = 1_750_000_020_000 - 1_750_000_020_000 % Interval.D1.duration_ms  # a UTC midnight


def candle(open_time_ms: int = START_MS, close: float = 100.0, **changes: float) -> Candle:
    """One flat candle at ``close`` with some volume, altered by ``changes``."""
    values = {
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": 10.0,
        "quote_volume": 10.0 * close,
        "trades": 5,
        "taker_buy_volume": 5.0,
        "taker_buy_quote_volume": 5.0 * close,
    } | changes
    return Candle(open_time_ms=open_time_ms, **values)


def candles(
    closes: Sequence[float],
    *,
    symbol: str = "BTCUSDT",
    interval: Interval = Interval.M1,
    start_ms: int = START_MS,
) -> CandleSeries:
    """Contiguous flat candles with the given closes."""
    step = interval.duration_ms
    rows = [candle(start_ms + i * step, close) for i, close in enumerate(closes)]
    return CandleSeries.from_candles(symbol, interval, rows)


def random_walk(
    n: int,
    *,
    seed: int = 1,
    price: float = 100.0,
    symbol: str = "BTCUSDT",
    interval: Interval = Interval.M1,
    start_ms: int = START_MS,
) -> CandleSeries:
    """A seeded market of ``n`` contiguous candles with trends, wicks and taker flow."""
    rng = np.random.default_rng(seed)
    drift = np.repeat(rng.normal(0.0, 0.0006, n // 40 + 1), 40)[:n]
    close = price * np.exp(np.cumsum(rng.normal(0.0, 0.002, n) + drift))
    open_ = np.concatenate(([price], close[:-1]))[:n]
    high = np.maximum(open_, close) * (1.0 + np.abs(rng.normal(0.0, 0.001, n)))
    low = np.minimum(open_, close) * (1.0 - np.abs(rng.normal(0.0, 0.001, n)))
    volume = rng.lognormal(2.0, 0.6, n)
    buy = volume * rng.uniform(0.2, 0.8, n)
    return CandleSeries(
        symbol,
        interval,
        start_ms + np.arange(n, dtype=np.int64) * interval.duration_ms,
        open_,
        high,
        low,
        close,
        volume,
        volume * close,
        rng.integers(1, 500, n),
        buy,
        buy * close,
    )


def instrument(
    symbol: str = "BTCUSDT",
    *,
    tick: str = "0.1",
    step: str = "0.001",
    min_notional: str = "5",
    **changes: Any,
) -> Instrument:
    """Rules of a perpetual that trades, altered by ``changes``."""
    return Instrument(symbol, Decimal(tick), Decimal(step), Decimal(min_notional), **changes)


def settings(**environ: str) -> Settings:
    """The committed config.yaml, untouched by this machine's environment or .env."""
    return parse_settings(committed_document(), environ)


def committed_document() -> dict[str, Any]:
    """What config.yaml says, for whoever wants to change it; read once: it takes 6 ms."""
    return copy.deepcopy(_parsed((REPOSITORY / "config.yaml").read_text()))


@functools.cache
def _parsed(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def home(path: Path) -> Home:
    """A created home of its own."""
    made = Home(path)
    made.create()
    return made
