"""Recorded candles from the shared data set, where it is present."""

from functools import cache

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.config import REPOSITORY
from core.model.candles import CandleSeries
from core.model.intervals import Interval

PERPETUALS = REPOSITORY.parent / "shared" / "data" / "ohlcv" / "um_perp"
needs_recordings = pytest.mark.skipif(
    not PERPETUALS.is_dir(), reason="the shared data set is not beside this checkout"
)


@cache
def recorded(symbol: str, interval: Interval, rows: int) -> CandleSeries:
    """
    The first ``rows`` candles of a recorded perpetual.

    The files have no taker flow: half of the volume stands in for it.
    """
    file = sorted(PERPETUALS.glob(f"{symbol}_{interval}_*.parquet"))[0]
    table = pq.read_table(file).slice(0, rows)
    column = {name: np.array(table[name].to_numpy()) for name in table.column_names}
    volume, close = column["volume"], column["close"]
    return CandleSeries(
        symbol,
        interval,
        column["open_time"],
        column["open"],
        column["high"],
        column["low"],
        close,
        volume,
        volume * close,
        np.ones(volume.size, dtype=np.int64),
        volume / 2.0,
        volume * close / 2.0,
    )
