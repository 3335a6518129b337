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
        gaps: Bars that are absent between its oldest and its newest.
        age_s: Since its newest bar closed, in market time.
    """

    symbol: str
    interval: Interval
    bars: int
    gaps: int
    newest_ms: int
    age_s: float


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """
    Counters and sizes.

    Attributes:
        tiers: Name of each place where candles come from, hits and misses, the fastest first.
        hit_rate: Of the memory, a fraction; None before the first read.
        gaps: Bars that are absent within all series.
        quarantined: Files set aside because they could not be read.
        alarm: Why candles cannot be saved, or files not be read; empty when all is well.
    """

    tiers: tuple[tuple[str, int, int], ...] = ()
    hit_rate: float | None = None
    memory_mb: float = 0.0
    files: int = 0
    disk_mb: float = 0.0
    gaps: int = 0
    quarantined: int = 0
    alarm: str = ""
    series: tuple[SeriesFigures, ...] = ()

    def of(self, symbol: str) -> tuple[SeriesFigures, ...]:
        """Return the series of a symbol, the shortest bars first."""
        return tuple(row for row in self.series if row.symbol == symbol)


def cache_figures(stats: Mapping[str, Any]) -> CacheFigures:
    """Read what ``get_cache_stats`` tells."""
    reads = stats["hits"] + stats["misses"]
    return CacheFigures(
        tiers=tuple((name, row["hits"], row["misses"]) for name, row in stats["tiers"].items()),
        hit_rate=stats["hit_rate"] if reads else None,
        memory_mb=stats["memory_mb"],
        files=stats["files"],
        disk_mb=stats["disk_mb"],
        gaps=stats["gaps"],
        quarantined=stats["quarantined"],
        alarm=stats["alarm"],
        series=tuple(sorted(map(_series, stats["series"].items()), key=_by_symbol_then_duration)),
    )


def _series(item: tuple[str, Any]) -> SeriesFigures:
    symbol, _, interval = item[0].rpartition(" ")
    row = item[1]
    return SeriesFigures(
        symbol, Interval(interval), row["bars"], row["gaps"], row["newest_ms"], row["age_s"]
    )


def _by_symbol_then_duration(row: SeriesFigures) -> tuple[str, int]:
    return row.symbol, row.interval.duration_ms
