"""The cache in figures, for people and the page."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from core.data.cache_statistics import Tier
from core.data.candle_file import Extent
from core.data.hot_series import HotSeries
from core.data.parquet_log import ParquetLog
from core.model.candles import TimeArray
from core.model.intervals import Interval

_BYTES_PER_MB = 1e6


def cache_report(
    reads: Mapping[Tier, tuple[int, int]],
    log: ParquetLog,
    hot: Iterable[HotSeries],
    now_ms: int,
) -> dict[str, Any]:
    """
    Sum up what is kept; files are asked by their footers only.

    ``hits`` and ``misses`` are those of the memory, ``tiers`` has all. ``gaps`` counts the bars
    that are absent between the oldest and the newest.

    Args:
        reads: Hits and misses.
        log: What is on disk.
        hot: What is in memory.
        now_ms: What ages are counted from.
    """
    hits, misses = reads[Tier.MEMORY]
    extents = {key: extent for key in log.series() if (extent := log.extent(*key)) is not None}
    held = {(series.symbol, series.interval): series for series in hot}
    memory_bytes = sum(
        series.ring.memory_bytes + series.unsaved.memory_bytes for series in held.values()
    )
    disk_bytes = sum(extent.size_bytes for extent in extents.values())
    times = {key: series.open_times for key, series in held.items()}
    keys = sorted({*extents, *(key for key, found in times.items() if found.size)})
    nothing = np.empty(0, dtype=np.int64)
    rows = {
        f"{symbol} {interval}": _summary(
            interval,
            extents.get((symbol, interval)),
            times.get((symbol, interval), nothing),
            now_ms,
        )
        for symbol, interval in keys
    }
    return {
        "hits": hits,
        "misses": misses,
        "hit_rate": hits / (hits + misses) if hits + misses else 0.0,
        "tiers": {tier.value: {"hits": n[0], "misses": n[1]} for tier, n in reads.items()},
        "memory_mb": round(memory_bytes / _BYTES_PER_MB, 3),
        "files": len(extents),
        "disk_mb": round(disk_bytes / _BYTES_PER_MB, 3),
        "quarantined": len(log.quarantine),
        "gaps": sum(row["gaps"] for row in rows.values()),
        "series": rows,
    }


def _summary(
    interval: Interval, extent: Extent | None, times: TimeArray, now_ms: int
) -> dict[str, Any]:
    """Describe a series on disk and in memory; what memory has within the file's span is in it."""
    if extent is None:
        bars, oldest_ms, newest_ms = times.size, int(times[0]), int(times[-1])
    else:
        outside = times[(times < extent.oldest_ms) | (times > extent.newest_ms)]
        bars = extent.bars + outside.size
        oldest_ms = min([extent.oldest_ms, *outside[:1].tolist()])
        newest_ms = max([extent.newest_ms, *outside[-1:].tolist()])
    return {
        "bars": bars,
        "gaps": max(0, (newest_ms - oldest_ms) // interval.duration_ms + 1 - bars),
        "newest_ms": newest_ms,
        "newest": datetime.fromtimestamp(newest_ms / 1000, UTC).isoformat(),
        "age_s": max(0.0, (now_ms - newest_ms - interval.duration_ms) / 1000),
    }
