"""Where a chart has no candles, hatched: a hole must not look like a calm market."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from ui.figures.plotly_json import Trace
from ui.theme import Palette

PANE = "y3"
"""An axis from 0 to 1 over the price pane; ``viewport.js`` leaves it out of the price range."""


@dataclass(frozen=True, slots=True)
class MissingSpan:
    """
    Candles that are not there.

    Attributes:
        start_ms: Open time of the first.
        end_ms: When the last of them closes, exclusive.
        absent: Whether the exchange was asked and has none; else they were only not received.
    """

    start_ms: int
    end_ms: int
    absent: bool


def missing_traces(
    spans: Sequence[MissingSpan], candles: CandleSeries, *, palette: Palette
) -> list[Trace]:
    """Hatch every bar of the chart in which a candle is missing."""
    if not spans or len(candles) == 0:
        return []
    interval = candles.interval
    half_ms = interval.duration_ms // 2  # a candle is drawn around its open time
    oldest_ms = int(candles.open_time_ms[0])
    edges = [
        (
            max(interval.open_time_ms(span.start_ms), oldest_ms) - half_ms,
            interval.open_time_ms(span.end_ms - 1) + half_ms,
        )
        for span in spans
    ]
    return [
        {
            "type": "bar",
            "name": "Missing candles",
            "x": [(left + right) // 2 for left, right in edges],
            "width": [right - left for left, right in edges],
            # From the top down: its hover text is told at the bottom, where nothing else is.
            "base": 1.0,
            "y": [-1.0] * len(edges),
            "yaxis": PANE,
            "text": [_words(span, interval) for span in spans],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "color": "rgba(0,0,0,0)",
                "line": {"width": 0},
                "pattern": {
                    "shape": "/",
                    "size": 8,
                    "solidity": 0.16,
                    "fillmode": "overlay",
                    "fgcolor": [palette.warning if s.absent else palette.muted for s in spans],
                    "bgcolor": "rgba(0,0,0,0)",
                },
            },
        }
    ]


def _words(span: MissingSpan, interval: Interval) -> str:
    days = span.end_ms - span.start_ms >= Interval.D1.duration_ms or interval is Interval.D1
    layout = "%Y-%m-%d %H:%M" if days else "%H:%M"
    first, end = (
        datetime.fromtimestamp(at_ms / 1000, UTC).strftime(layout)
        for at_ms in (span.start_ms, span.end_ms)
    )
    reason = "the exchange has none" if span.absent else "not received"
    return f"no candles from {first} to {end} UTC ({reason})"
