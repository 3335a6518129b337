"""Overlay shapes as Plotly traces."""

from collections.abc import Iterable, Sequence
from typing import assert_never

import numpy as np
import numpy.typing as npt

from core.model.candles import CandleSeries, FloatArray, TimeArray
from core.model.events import Marker, Markers, Zones
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon, Shape
from ui.figures.plotly_json import Trace, times, values
from ui.theme import Palette


def overlay_traces(
    shapes: Iterable[Shape], candles: CandleSeries, *, decimals: int, palette: Palette
) -> list[Trace]:
    """
    Draw shapes whose arrays may begin before the first shown candle; no line crosses a hole.

    Args:
        shapes: Overlay output; lines end at the last shown candle.
        candles: What is shown.
        decimals: Digits of a price.
        palette: Colours by role.
    """
    traces: list[Trace] = []
    markers: list[Marker] = []
    open_time_ms = candles.open_time_ms
    first_ms = int(open_time_ms[0]) if open_time_ms.size else 0
    holes = _holes(open_time_ms, candles.interval.duration_ms)
    for shape in shapes:
        match shape:
            case Line():
                traces += _line(shape, open_time_ms, holes, decimals + 1, palette=palette)
            case Markers():
                markers += shape.rows(shape.at_ms >= first_ms)
            case Band() | Bars() | Ribbon() | Zones() | Profile() | Note():
                continue
            case _:
                assert_never(shape)
    return traces + _turns(markers, palette) if open_time_ms.size else []


def _holes(open_time_ms: TimeArray, step_ms: int) -> npt.NDArray[np.intp]:
    """Return the rows before which a candle is missing."""
    return np.flatnonzero(np.diff(open_time_ms) > step_ms) + 1


def _line(
    line: Line,
    open_time_ms: TimeArray,
    holes: npt.NDArray[np.intp],
    decimals: int,
    *,
    palette: Palette,
) -> Iterable[Trace]:
    shown = open_time_ms.size
    x = np.insert(open_time_ms, holes, open_time_ms[holes] - 1)
    y = np.insert(line.y[-shown:], holes, np.nan)
    if line.direction is None:
        yield _stroke(line.name, x, y, decimals, palette.neutral)
        return
    direction = np.insert(line.direction[-shown:], holes, 0)
    for sign, colour in ((1, palette.up), (-1, palette.down)):
        yield _stroke(line.name, x, _only(y, direction == sign), decimals, colour)


def _only(y: FloatArray, where: npt.NDArray[np.bool_]) -> FloatArray:
    return np.where(where, y, np.nan)


def _stroke(name: str, x: TimeArray, y: FloatArray, decimals: int, colour: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": times(x),
        "y": values(y, decimals),
        "line": {"color": colour, "width": 1.6},
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def _turns(markers: Sequence[Marker], palette: Palette) -> list[Trace]:
    colours = {1: palette.up, -1: palette.down, 0: palette.neutral}
    if not markers:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Turns",
            "x": [marker.at_ms for marker in markers],
            "y": [marker.price for marker in markers],
            "text": [marker.name for marker in markers],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "symbol": "circle",
                "size": 6,
                "color": palette.ground,
                "line": {
                    "color": [colours[m.side] for m in markers],
                    "width": 1.6,
                },
            },
        }
    ]
