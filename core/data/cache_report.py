"""The cache in figures, for people and the page."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.data.hot_series import HotSeries
from core.data.parquet_log import ParquetLog
from core.model.intervals import Interval

_BYTES_PER_MB = 1e6


def cache_report(
    reads: tuple[int, int],
    log: ParquetLog,
    hot: Mapping[tuple[str, Interval], HotSeries],
    now_ms: int,
) -> dict[str, Any]:
    """
    Sum up what is kept; files are asked by their footers only.

    Args:
        reads: Hits and misses.
        log: What is on disk.
        hot: What is in memory.
        now_ms: What ages are counted from.
    """
    hits, misses = reads
    extents = {key: extent for key in log.series() if (extent := log.extent(*key)) is not None}
    keys = sorted({*extents, *(key for key, series in hot.items() if len(series.ring))})
    memory_bytes = sum(series.memory_bytes for series in hot.values())
    disk_bytes = sum(extent.size_bytes for extent in extents.values())
    return {
        "hits": hits,
        "misses": misses,
        "hit_rate": hits / (hits + misses) if hits + misses else 0.0,
        "memory_mb": round(memory_bytes / _BYTES_PER_MB, 3),
        "files": len(extents),
        "disk_mb": round(disk_bytes / _BYTES_PER_MB, 3),
        "series": {
            f"{symbol} {interval}": _summary(interval, *_held(log, hot, symbol, interval), now_ms)
            for symbol, interval in keys
        },
    }


def _held(
    log: ParquetLog,
    hot: Mapping[tuple[str, Interval], HotSeries],
    symbol: str,
    interval: Interval,
) -> tuple[int, int]:
    """Return how many bars there are and the open time of the newest."""
    extent = log.extent(symbol, interval)
    series = hot.get((symbol, interval))
    bars, newest_ms = (extent.bars, extent.newest_ms) if extent else (0, 0)
    if series is not None and (in_memory_ms := series.ring.newest_ms) is not None:
        unkept = series.newest.between(newest_ms + 1 if extent else None, None)
        bars, newest_ms = bars + len(unkept), max(newest_ms, in_memory_ms)
    return bars, newest_ms


def _summary(interval: Interval, bars: int, newest_ms: int, now_ms: int) -> dict[str, Any]:
    return {
        "bars": bars,
        "newest_ms": newest_ms,
        "newest": datetime.fromtimestamp(newest_ms / 1000, UTC).isoformat(),
        "age_s": max(0.0, (now_ms - newest_ms - interval.duration_ms) / 1000),
    }
