"""
The candle store and its files: append, snapshot, size, cold read of 30 days, the whole market.

Size and read time are those of the recorded BTCUSDT candles in ``../shared/data``; without
them nothing is measured rather than something that compresses otherwise.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import pyarrow.parquet as pq
import yaml

from core.config import REPOSITORY, Home, Settings, parse_settings
from core.data.data_store import DataStore
from core.model.candles import PRICE_COLUMNS, VALUE_COLUMNS, Candle, CandleSeries, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval

RECORDED = REPOSITORY.parent / "shared/data/ohlcv/um_perp/BTCUSDT_1m_20250504_20250624.parquet"
MONTH = 43_200
HOT = 1_500
DAY = 1_440  # appends of a day: every interval is folded at its real rate
APPENDS = 2 * DAY
REPEATS = 300
READS = 15
WATCHED = 550
TURNS = 15


def measure() -> dict[str, float]:
    """Measure on a store in a scratch home."""
    if not RECORDED.exists():
        print(f"  storage is not measured: {RECORDED} is absent")
        return {}
    settings = parse_settings(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), {})
    candles = _recorded(MONTH + APPENDS)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        store = DataStore(settings, home)
        store.merge(candles.head(MONTH))
        store.flush()
        file = home.cache / "BTCUSDT_1m_history.parquet"
        figures = {
            "parquet_30d_mb": file.stat().st_size / 2**20,
            "parquet_30d_read_ms": 1e3 * median(_times(lambda: _month(settings, home), READS)),
        }
        newer = list(candles.rows(MONTH, MONTH + APPENDS))
        figures["store_append_us"] = 1e6 * _mean(store, newer)
        snapshots, candle = [], newer[-1]
        for _ in range(REPEATS):
            candle = _next(candle)
            store.append("BTCUSDT", candle)  # or the snapshot before would be given again
            snapshots += _times(lambda: store.candles("BTCUSDT", Interval.M1, limit=HOT), 1)
        figures["store_snapshot_us"] = 1e6 * median(snapshots)
        figures["store_set_running_us"] = 1e6 * _running(store, _next(candle))
    return figures | _market(settings, candles)


def _mean(store: DataStore, newer: Sequence[Candle]) -> float:
    """CPU of one append of the second day, folding of all intervals included."""
    for candle in newer[:DAY]:
        store.append("BTCUSDT", candle)
    store.flush()
    started = process_time()
    for candle in newer[DAY:]:
        store.append("BTCUSDT", candle)
    return (process_time() - started) / DAY


def _next(candle: Candle) -> Candle:
    values = {name: getattr(candle, name) for name in VALUE_COLUMNS}
    return Candle(open_time_ms=candle.open_time_ms + MINUTE_MS, **values)


def _running(store: DataStore, candle: Candle) -> float:
    update = CandleUpdate("BTCUSDT", Interval.M1, candle, False, candle.open_time_ms + 1_000)
    started = process_time()
    for _ in range(100_000):
        store.set_running(update)
    return (process_time() - started) / 100_000


def _market(settings: Settings, candles: CandleSeries) -> dict[str, float]:
    """CPU that saving a watched market takes each minute, once its files hold their history."""
    rows = list(candles.rows(0, 1_000 + TURNS))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.create()
        store = DataStore(settings, home)
        store.focus(())
        symbols = [f"S{i}USDT" for i in range(WATCHED)]
        for symbol in symbols:
            store.merge(replace(candles.head(1_000), symbol=symbol))
        store.flush(everything=True)
        started = process_time()
        for minute in range(TURNS):
            for symbol in symbols:
                store.append(symbol, rows[1_000 + minute])
            store.flush()
        spent_s = process_time() - started
        return {
            "store_550_flush_cpu_share": spent_s / (60.0 * TURNS),
            "store_550_mb": store.get_cache_stats()["memory_mb"],
        }


def _month(settings: Settings, home: Home) -> None:
    """Read 30 days with a store that has nothing in memory."""
    store = DataStore(settings, home)
    if len(store.candles("BTCUSDT", Interval.M1, limit=MONTH)) != MONTH:
        raise RuntimeError("the store did not return the whole month")


def _times(action: Callable[[], object], repeats: int) -> list[float]:
    taken = []
    for _ in range(repeats):
        started = perf_counter()
        action()
        taken.append(perf_counter() - started)
    return taken


def _recorded(n: int) -> CandleSeries:
    """The newest ``n`` recorded candles; columns they lack are made, rounded as on the exchange."""
    table = pq.read_table(RECORDED, partitioning=None)
    columns = {name: table[name].to_numpy()[-n:] for name in table.column_names}
    random = np.random.default_rng(1)
    volume = columns["volume"]
    taker = np.round(volume * random.uniform(0.2, 0.8, n), 3)
    close = columns["close"]
    return CandleSeries(
        "BTCUSDT",
        Interval.M1,
        columns["open_time"].astype(np.int64),
        *(columns[name] for name in PRICE_COLUMNS),
        volume,
        np.round(volume * close, 4),
        np.maximum((volume * 20).astype(np.int64), 1),
        taker,
        np.round(taker * close, 4),
    )
