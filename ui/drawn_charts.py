"""Charts as the browser takes them, drawn once for all pages that show the same."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.data.market_views import Heard
from core.journal.overview import SignalRow
from ui.chart_service import ChartService, ChartStamp
from ui.figures.plotly_json import encoded
from ui.view import View

_MOST_KEPT = 16
"""Each is about 100 KB; more views than that are seldom open at once, and are drawn again."""


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """The JSON of a figure, and what it was drawn from."""

    json: str
    stamp: ChartStamp


@dataclass(slots=True)
class _Kept:
    chart: DrawnChart | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class DrawnCharts:
    """
    Draw in a thread, one at a time for each view; lives on the event loop.

    Ten tabs with one market would else draw it ten times whenever a bar closes.
    """

    def __init__(self, charts: ChartService) -> None:
        self._charts = charts
        self._kept: dict[View, _Kept] = {}

    async def current(
        self,
        view: View,
        signals: Iterable[SignalRow],
        note: str,
        heard: Heard,
        *,
        known: ChartStamp | None = None,
    ) -> DrawnChart | None:
        """Return the chart as the store knows it now; None when that is what ``known`` shows."""
        kept = self._kept[view] = self._kept.pop(view, _Kept())
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        async with kept.lock:
            stamp = None if kept.chart is None else kept.chart.stamp
            chart = await asyncio.to_thread(self._drawn, view, signals, note, heard, stamp)
            kept.chart = chart or kept.chart
        return None if kept.chart is None or kept.chart.stamp == known else kept.chart

    def _drawn(
        self,
        view: View,
        signals: Iterable[SignalRow],
        note: str,
        heard: Heard,
        known: ChartStamp | None,
    ) -> DrawnChart | None:
        chart = self._charts.chart(view, signals, note, heard, known=known)
        return None if chart is None else DrawnChart(encoded(chart.figure).decode(), chart.stamp)
