"""Overlay shapes as Plotly traces, and what the page's legend says of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from core.model.candles import CandleSeries
from core.model.events import Marker, Markers, Zone, Zones
from core.model.overlay import Pane
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon, Shape
from ui.figures.curve_traces import curve_traces
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.event_rows import shown_markers, shown_zones
from ui.figures.legend import LegendEntry
from ui.figures.marker_traces import marker_traces
from ui.figures.panes import PRICE_AXIS, PaneAxes, ribbons
from ui.figures.plotly_json import Trace
from ui.figures.profile_traces import PROFILE_AXIS, profile_axis, profile_levels, profile_traces
from ui.figures.ribbon_traces import backdrop, strip
from ui.figures.time_grid import TimeGrid
from ui.figures.zone_traces import zone_facts, zone_traces
from ui.theme import Palette


@dataclass(slots=True)
class Drawing:
    """
    What overlays add to a figure.

    Attributes:
        traces: In the order in which they cover each other.
        lines: Plotly's layout shapes.
        axes: Further axes of the layout.
        legend: What is told beside the chart, per overlay.
        zones: What a pointer may ask of each drawn zone (`zone_facts`).
    """

    traces: list[Trace] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    axes: dict[str, Any] = field(default_factory=dict)
    legend: list[Mapping[str, Any]] = field(default_factory=list)
    zones: list[list[Any]] = field(default_factory=list)


def overlay_drawing(
    overlays: Iterable[DrawnOverlay],
    candles: CandleSeries,
    axes: Mapping[str, PaneAxes],
    *,
    decimals: int,
    palette: Palette,
) -> Drawing:
    """
    Draw overlays whose arrays may begin before the first shown candle.

    Args:
        overlays: Their arrays end with the newest shown candle.
        candles: What is shown; without any, nothing is drawn.
        axes: By key of the overlay.
        decimals: Digits of a price.
        palette: Colours by role.
    """
    if len(candles) == 0:
        return Drawing()
    sketch = _Sketch(TimeGrid.of(candles), decimals, palette)
    for overlay in overlays:
        sketch.add(overlay, axes[overlay.key])
    return sketch.drawing()


class _Sketch:
    """Collects what is drawn, so that alike zones and markers of all overlays share traces."""

    def __init__(self, grid: TimeGrid, decimals: int, palette: Palette) -> None:
        self._grid = grid
        self._decimals = decimals
        self._palette = palette
        self._drawn = Drawing()
        self._behind: list[Trace] = []
        self._zones: list[Zone] = []
        self._markers: list[Marker] = []

    def add(self, overlay: DrawnOverlay, axes: PaneAxes) -> None:
        """Add one overlay to what is drawn."""
        entry = LegendEntry(overlay, axes)
        if overlay.pane is Pane.STRIP and (rows := ribbons(overlay)):
            self._behind += strip(overlay.title, rows, self._grid, axes.main, self._palette)
        if axes.main != PRICE_AXIS:
            self._behind.append(_floor(overlay, axes, self._grid))
        for shape in overlay.shapes:
            self._shape(shape, overlay, axes, entry)
        self._drawn.legend.append(entry.told())

    def drawing(self) -> Drawing:
        """Return everything added so far."""
        grid, decimals, palette = self._grid, self._decimals, self._palette
        zones = zone_traces(self._zones, grid, decimals=decimals, palette=palette)
        markers = marker_traces(self._markers, grid, decimals=decimals, palette=palette)
        self._drawn.traces = [*self._behind, *zones, *self._drawn.traces, *markers]
        self._drawn.zones = zone_facts(self._zones)
        return self._drawn

    def _shape(
        self, shape: Shape, overlay: DrawnOverlay, axes: PaneAxes, entry: LegendEntry
    ) -> None:
        match shape:
            case Line() | Band() | Bars():
                self._curve(shape, overlay, axes, entry)
            case Ribbon():
                self._ribbon(shape, overlay, entry)
            case Zones():
                self._zones += shown_zones(shape, self._grid)
            case Markers():
                self._markers += shown_markers(shape, self._grid)
            case Profile():
                self._profile(shape, entry)
            case Note():
                entry.note(shape)
            case _:
                assert_never(shape)

    def _curve(
        self, curve: Line | Band | Bars, overlay: DrawnOverlay, axes: PaneAxes, entry: LegendEntry
    ) -> None:
        own = isinstance(curve, Line) and (curve.own_scale or overlay.pane is Pane.STRIP)
        axis = axes.own if own else axes.main
        decimals = self._decimals + 1 if axis == PRICE_AXIS else None
        meta = {"of": overlay.key}
        self._drawn.traces += [
            trace | {"meta": meta}
            for trace in curve_traces(
                curve, self._grid, axis, decimals=decimals, palette=self._palette
            )
        ]
        entry.curve(curve)

    def _ribbon(self, ribbon: Ribbon, overlay: DrawnOverlay, entry: LegendEntry) -> None:
        if overlay.pane is not Pane.STRIP:
            self._behind += backdrop(ribbon, self._grid, self._palette)
        entry.ribbon(ribbon, self._grid, self._palette)

    def _profile(self, profile: Profile, entry: LegendEntry) -> None:
        traces: Sequence[Trace] = profile_traces(profile, self._palette)
        if traces:
            self._drawn.traces += traces
            self._drawn.lines += profile_levels(profile, self._palette)
            self._drawn.axes[PROFILE_AXIS.replace("x", "xaxis")] = profile_axis(profile)
        entry.profile(profile, self._decimals)


def _floor(overlay: DrawnOverlay, axes: PaneAxes, grid: TimeGrid) -> Trace:
    """Return a trace of nothing: a pane in which nothing is known has to be a pane for Plotly."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Pane of {overlay.title}",
        "x": [grid.first_ms],
        "y": [None],
        "yaxis": axes.main,
        "hoverinfo": "skip",
    }
