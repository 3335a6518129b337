"""States per candle as colour: behind the candles, or as rows of a strip."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.model.shapes import Ribbon
from ui.figures.panes import WHOLE_AXIS
from ui.figures.plotly_json import Trace
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import colour_of, faded
from ui.theme import Palette

_BEHIND, _SLIM = 0.055, 0.75
_SLIM_HEIGHT = 0.012
_LEVELS = 4
"""Shades of a colour by strength; more cannot be told apart in a row of eight pixels."""
_WEAKEST, _STRONGEST = 0.1, 0.62


def backdrop(ribbon: Ribbon, grid: TimeGrid, palette: Palette) -> list[Trace]:
    """Draw a state as faint colour behind the candles, and as a slim bar under them."""
    code = grid.codes(ribbon.code).astype(np.int64)
    colours = [colour_of(state.tone, palette) for state in ribbon.states]
    return [
        _heat(ribbon.name, [code], [faded(c, opacity) for c in colours], grid)
        | {"y": [0.0, height], "yaxis": WHOLE_AXIS}
        for opacity, height in ((_BEHIND, 1.0), (_SLIM, _SLIM_HEIGHT))
    ]


def strip(
    name: str, ribbons: Sequence[Ribbon], grid: TimeGrid, axis: str, palette: Palette
) -> list[Trace]:
    """Draw ribbons as rows, the first one on top; the stronger, the less see-through."""
    rows: list[npt.NDArray[np.int64]] = []
    shades: list[str] = []
    for ribbon in reversed(ribbons):
        rows.append(_shaded(ribbon, grid, first=len(shades)))
        shades += [
            faded(colour_of(state.tone, palette), opacity)
            for state in ribbon.states
            for opacity in np.linspace(_WEAKEST, _STRONGEST, _LEVELS).round(3)
        ]
    heat = _heat(name, rows, shades, grid)
    return [
        heat | {"y": list(range(len(rows))), "yaxis": axis},
        _hairlines(name, len(rows), grid, axis, palette),
    ]


def _hairlines(name: str, rows: int, grid: TimeGrid, axis: str, palette: Palette) -> Trace:
    """Return what keeps the rows apart; a gap between them would make the heat dear."""
    edges = [row + 0.5 for row in range(rows - 1)]
    ends = (grid.first_ms - grid.step_ms, grid.last_ms + grid.step_ms, None)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Rows of {name}",
        "x": list(ends) * len(edges),
        "y": [y for edge in edges for y in (edge, edge, None)],
        "yaxis": axis,
        "line": {"color": palette.panel, "width": 1.5},
        "hoverinfo": "skip",
        "meta": {"far": True},
    }


def _shaded(ribbon: Ribbon, grid: TimeGrid, *, first: int) -> npt.NDArray[np.int64]:
    """Return which shade each position has: the states from ``first`` on, weakest first."""
    code = grid.codes(ribbon.code).astype(np.int64)
    level = np.full(code.size, _LEVELS - 1)
    if ribbon.strength is not None:
        strength = np.nan_to_num(grid.column(ribbon.strength), nan=0.0)
        level = np.clip(strength * _LEVELS, 0, _LEVELS - 1).astype(np.int64)
    return np.where(code < 0, -1, first + code * _LEVELS + level)


def _heat(
    name: str, rows: Sequence[npt.NDArray[np.int64]], shades: Sequence[str], grid: TimeGrid
) -> Trace:
    """
    Return cells with one of ``shades`` each, none where it is -1: one image for Plotly.

    Rows of one height without gaps, and candles without holes, make it an image of a pixel
    per cell; any other is painted in full size, which costs ten times as much.
    """
    steps = len(shades)
    scale = [[at / steps, shade] for i, shade in enumerate(shades) for at in (i, i + 1)]
    return {
        "type": "heatmap",
        "name": name,
        "z": [[None if cell < 0 else cell for cell in row.tolist()] for row in rows],
        "zmin": -0.5,
        "zmax": steps - 0.5,
        "colorscale": scale,
        "showscale": False,
        "hoverinfo": "skip",
        "hoverongaps": False,
        **grid.x(),
    }
