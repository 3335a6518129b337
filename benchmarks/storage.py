"""
The candle store and its files: append, snapshot, size and cold read of 30 days.

Size and read time are those of the recorded BTCUSDT candles in ``../shared/data``; without
them these two figures are left out rather than measured on something that compresses otherwise.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import pyarrow.parquet as pq
import yaml

from core.config import REPOSITORY, Home, Settings, parse_settings
from core.data.data_store import DataStore
from core.model.candles import PRICE_COLUMNS, CandleSeries
from core.model.intervals import Interval

RECORDED = REPOSITORY.parent / "shared/data/ohlcv/um_perp/BTCUSDT_1m_20250504_20250624.parquet"
MONTH = 43_200
HOT = 1_500
REPEATS = 300
READS = 9


def measure() -> dict[str, float]:
    """Measure on a store in a scratch home."""
    if not RECORDED.exists():
        print(f"  storage is not measured: {RECORDED} is absent")
        return {}
    settings = parse_settings(yaml.safe_load((REPOSITORY / "config.yaml").read_text()), {})
    candles = _recorded(MONTH + REPEATS)
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
        newer = iter(list(candles.rows(MONTH, MONTH + REPEATS)))
        appends = _times(lambda: store.append("BTCUSDT", next(newer)), REPEATS)
        snapshots = _times(lambda: store.candles("BTCUSDT", Interval.M1, limit=HOT), REPEATS)
    return figures | {
        "store_append_us": 1e6 * median(appends),
        "store_snapshot_us": 1e6 * median(snapshots),
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
