"""Which candles a chart lacks: those the exchange does not have, and others not received."""

from collections.abc import Iterable, Sequence

from core.data.gaps import gaps
from core.model.candles import CandleSeries
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS
from ui.figures.missing_spans import MissingSpan


def missing_spans(candles: CandleSeries, absent: Sequence[Gap]) -> tuple[MissingSpan, ...]:
    """
    Return what is missing since the first candle shown, oldest first.

    Args:
        candles: What is shown, of any interval.
        absent: 1m candles the exchange does not have.
    """
    if len(candles) == 0:
        return ()
    oldest_ms, newest_ms = int(candles.open_time_ms[0]), int(candles.open_time_ms[-1])
    told = [
        MissingSpan(max(gap.start_ms, oldest_ms), gap.end_ms + MINUTE_MS, absent=True)
        for gap in absent
        if gap.end_ms >= oldest_ms
    ]
    step_ms = candles.interval.duration_ms
    holes = gaps(candles.open_time_ms, candles.interval, oldest_ms, newest_ms)
    others = [
        span for hole in holes for span in _without(hole.start_ms, hole.end_ms + step_ms, told)
    ]
    return tuple(sorted([*told, *others], key=lambda span: span.start_ms))


def _without(start_ms: int, end_ms: int, told: Iterable[MissingSpan]) -> list[MissingSpan]:
    """Return the parts of a hole that no span, oldest first, explains."""
    parts = []
    for span in told:
        if start_ms < span.start_ms < end_ms:
            parts.append(MissingSpan(start_ms, span.start_ms, absent=False))
        if span.start_ms < end_ms:
            start_ms = max(start_ms, span.end_ms)
    if start_ms < end_ms:
        parts.append(MissingSpan(start_ms, end_ms, absent=False))
    return parts
