"""What has one value per candle: lines, bands and bars."""

from collections.abc import Iterator
from math import floor, log10

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray
from core.model.shapes import Band, Bars, Line, Tone
from ui.figures.plotly_json import Trace, values
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import colour_of, colour_of_side, faded
from ui.theme import Palette

_WIDTH_PX = 1.6
_BAND_EDGE, _BAND_FILL, _BAR_FILL = 0.45, 0.07, 0.6
_SIGNIFICANT = 6
"""Digits of a value that is no price: more than a pixel shows."""


def curve_traces(
    curve: Line | Band | Bars, grid: TimeGrid, axis: str, *, decimals: int | None, palette: Palette
) -> list[Trace]:
    """
    Draw the shown part of a curve; nothing crosses a hole.

    Args:
        curve: Its arrays end with the newest shown candle.
        grid: Where the candles stand.
        axis: Value axis.
        decimals: Digits worth keeping; None finds them from the values.
        palette: Colours by role.
    """
    at: Trace = {
        "type": "scatter",
        "mode": "lines",
        "name": curve.name,
        "hoverinfo": "skip",
        "yaxis": axis,
        **grid.x(),
    }
    match curve:
        case Line():
            return [at | strokes for strokes in _strokes(curve, grid, decimals, palette)]
        case Band():
            return [at | edge for edge in _edges(curve, grid, decimals, palette)]
        case Bars():
            return [at | steps for steps in _steps(curve, grid, decimals, palette)]


def _strokes(line: Line, grid: TimeGrid, decimals: int | None, palette: Palette) -> Iterator[Trace]:
    y = grid.column(line.y)
    digits = _digits(y) if decimals is None else decimals
    if line.direction is None:
        style = {"color": colour_of(line.tone, palette), "width": _WIDTH_PX}
        yield {"y": values(y, digits), "line": style}
        return
    sign = grid.codes(line.direction)
    sign[grid.rows < 0] = 0
    for side in (1, -1, 0):
        mine = np.where(sign == side, y, np.nan)
        if np.isnan(mine).all():
            continue
        style = {"color": colour_of_side(side, palette), "width": _WIDTH_PX}
        if side == 0:  # not in force
            style = {"color": palette.muted, "width": 1.0, "dash": "dot"}
        yield {"y": values(mine, digits), "line": style}


def _edges(band: Band, grid: TimeGrid, decimals: int | None, palette: Palette) -> Iterator[Trace]:
    lower, upper = grid.column(band.lower), grid.column(band.upper)
    digits = _digits(upper) if decimals is None else decimals
    colour = colour_of(band.tone, palette)
    line = {"color": faded(colour, _BAND_EDGE), "width": 1.0}
    yield {"y": values(lower, digits), "line": line}
    fill = {"fill": "tonexty", "fillcolor": faded(colour, _BAND_FILL)}
    yield {"y": values(upper, digits), "line": line} | fill


def _steps(bars: Bars, grid: TimeGrid, decimals: int | None, palette: Palette) -> Iterator[Trace]:
    """
    Yield one filled path per colour: hundreds of bars of Plotly's cost hundreds of nodes.

    A bar that is not of the colour, or not known, has no height. Quiet ones are an outline,
    so that they can be told from those they lie on.
    """
    y = grid.column(bars.y)
    digits = _digits(y) if decimals is None else decimals
    if bars.tone is Tone.QUIET:
        style = {"shape": "hvh", "width": 1.0, "color": palette.text}
        yield {"y": values(y, digits), "line": style}
        return
    y = np.nan_to_num(y, nan=0.0)
    for mine, colour in _parts(bars, y, grid, palette):
        if mine.any():
            heights = np.where(mine, y, 0.0)
            yield {
                "y": values(heights, digits),
                "line": {"shape": "hvh", "width": 0, "color": colour},
                "fill": "tozeroy",
                "fillcolor": faded(colour, _BAR_FILL),
            }


def _parts(
    bars: Bars, y: FloatArray, grid: TimeGrid, palette: Palette
) -> Iterator[tuple[npt.NDArray[np.bool_], str]]:
    there = y != 0.0
    if bars.direction is None:
        yield there, colour_of(bars.tone, palette)
        return
    sign = grid.codes(bars.direction)
    sign[grid.rows < 0] = 0
    for side in (1, -1, 0):
        yield there & (sign == side), colour_of_side(side, palette)


def _digits(y: FloatArray) -> int:
    """Return how many decimals keep the significant digits of the largest value."""
    known = np.abs(y[np.isfinite(y)])
    most = float(known.max()) if known.size else 0.0
    return max(0, _SIGNIFICANT - 1 - floor(log10(most))) if most > 0.0 else 0
