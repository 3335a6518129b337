"""What the store says of its cache, parsed for the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.model.intervals import Interval


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """
    One cached series.

    Attributes:
        age_s: Since its newest bar closed, in market time.
    """

    name: str
    bars: int
    newest_ms: int
    age_s: float


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """
    Counters and sizes.

    Attributes:
        hit_rate: A fraction; None before the first read.
    """

    hits: int = 0
    misses: int = 0
    hit_rate: float | None = None
    memory_mb: float = 0.0
    files: int = 0
    disk_mb: float = 0.0
    series: tuple[SeriesFigures, ...] = ()


def cache_figures(stats: Mapping[str, Any]) -> CacheFigures:
    """Read what ``get_cache_stats`` tells."""
    reads = stats["hits"] + stats["misses"]
    return CacheFigures(
        hits=stats["hits"],
        misses=stats["misses"],
        hit_rate=stats["hit_rate"] if reads else None,
        memory_mb=stats["memory_mb"],
        files=stats["files"],
        disk_mb=stats["disk_mb"],
        series=tuple(
            SeriesFigures(name, row["bars"], row["newest_ms"], row["age_s"])
            for name, row in sorted(stats["series"].items(), key=_by_symbol_then_duration)
        ),
    )


def _by_symbol_then_duration(item: tuple[str, Any]) -> tuple[str, int]:
    symbol, _, interval = item[0].rpartition(" ")
    return symbol, Interval(interval).duration_ms
