"""Events at candles, by their look."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.model.events import Look, Marker
from ui.figures.plotly_json import Trace, lines
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import colour_of_side, faded
from ui.theme import Palette

_SIZES_PX = {Look.DOT: 6, Look.ARROW: 9, Look.DIAMOND: 8}
_MOST_LABELS = 24
"""Of levels, on the newest; each is a text of its own in the page."""


def marker_traces(
    markers: Sequence[Marker], grid: TimeGrid, *, decimals: int, palette: Palette
) -> list[Trace]:
    """Draw markers of any kinds: all points as one trace, levels by their side."""
    levels = [m for m in markers if m.look is Look.LEVEL]
    points = [m for m in markers if m.look is not Look.LEVEL]
    traces = [_points(points, grid, decimals, palette)] if points else []
    traces += [
        _levels(mine, decimals, colour_of_side(side, palette))
        for side in (1, -1, 0)
        if (mine := [m for m in levels if m.side == side])
    ]
    if levels:
        newest = sorted(levels, key=lambda m: m.confirmed_ms)[-_MOST_LABELS:]
        traces.append(_labels(newest, grid, decimals, palette))
    return traces


def _points(points: Sequence[Marker], grid: TimeGrid, decimals: int, palette: Palette) -> Trace:
    colours = [colour_of_side(m.side, palette) for m in points]
    return _at(points, grid, decimals) | {
        "mode": "markers",
        "name": "Events",
        "marker": {
            "symbol": [_symbol(m) for m in points],
            "size": [_SIZES_PX[m.look] for m in points],
            "color": [
                palette.ground if m.look is Look.DOT else c
                for m, c in zip(points, colours, strict=True)
            ],
            "line": {"color": colours, "width": 1.6},
        },
    }


def _symbol(marker: Marker) -> str:
    if marker.look is Look.ARROW:
        return "triangle-down" if marker.side < 0 else "triangle-up"
    return "diamond" if marker.look is Look.DIAMOND else "circle"


def _levels(levels: Sequence[Marker], decimals: int, colour: str) -> Trace:
    x: list[int | None] = []
    y: list[float | None] = []
    for level in levels:
        price = round(level.price, decimals)
        x += [level.from_ms, level.at_ms, None]
        y += [price, price, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Levels",
        "x": x,
        "y": y,
        "line": {"color": faded(colour, 0.8), "width": 1},
        "hoverinfo": "skip",
        "meta": {"far": True},
    }


def _labels(levels: Sequence[Marker], grid: TimeGrid, decimals: int, palette: Palette) -> Trace:
    """Write the name of each level at its end, out of the way of the candle that broke it."""
    return _at(levels, grid, decimals) | {
        "mode": "text",
        "name": "Names of levels",
        "text": [lines((m.name,)) for m in levels],
        "hovertext": [_words(m, grid.step_ms) for m in levels],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "textposition": ["bottom left" if m.side < 0 else "top left" for m in levels],
        "textfont": {"size": 9, "color": [colour_of_side(m.side, palette) for m in levels]},
    }


def _at(markers: Sequence[Marker], grid: TimeGrid, decimals: int) -> Trace:
    return {
        "type": "scatter",
        "x": [m.at_ms for m in markers],
        "y": [round(m.price, decimals) for m in markers],
        "text": [_words(m, grid.step_ms) for m in markers],
        "hovertemplate": "%{text}<extra></extra>",
        "meta": {"far": True},
    }


def _words(marker: Marker, step_ms: int) -> str:
    known_ms = marker.confirmed_ms + 1
    told = f"known at {_clock(known_ms, step_ms)}"
    if marker.from_ms < marker.at_ms or known_ms > marker.at_ms + step_ms:
        told = f"drawn from {_clock(marker.from_ms, step_ms)}, {told}"
    return lines((marker.name, told))


def _clock(at_ms: int, step_ms: int) -> str:
    day = "" if step_ms < _HOUR_MS else "%Y-%m-%d "
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime(f"{day}%H:%M")


_HOUR_MS = 3_600_000
