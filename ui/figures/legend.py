"""What the page tells of an overlay beside the chart, as JSON for ``legend.js``."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.model.overlay import Pane
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.numbers import number
from ui.figures.panes import PaneAxes
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import colour_of
from ui.theme import Palette


class LegendEntry:
    """
    Gathers what is told of one overlay.

    The values of its curves are not repeated: the script reads them from the traces that
    carry the overlay's key and the curve's name.
    """

    def __init__(self, overlay: DrawnOverlay, axes: PaneAxes) -> None:
        self._head = {
            "key": overlay.key,
            "title": overlay.title,
            "axis": axes.main,
            "above": overlay.pane is Pane.STRIP,  # coloured rows leave no room for words
        }
        self._curves: list[dict[str, str]] = []
        self._ribbons: list[dict[str, Any]] = []
        self._words: list[str] = []
        self._notes: list[str] = []

    def curve(self, curve: Line | Band | Bars) -> None:
        """Tell the value of a curve at the candle under the pointer."""
        self._curves.append({"name": curve.name, "kind": type(curve).__name__.lower()})

    def ribbon(self, ribbon: Ribbon, grid: TimeGrid, palette: Palette) -> None:
        """Tell the state at the candle under the pointer, from where each state began."""
        code = grid.codes(ribbon.code)
        starts = np.flatnonzero(np.diff(code, prepend=np.int8(-2)))
        self._ribbons.append(
            {
                "name": ribbon.name,
                "labels": [state.label for state in ribbon.states],
                "colours": [colour_of(state.tone, palette) for state in ribbon.states],
                "from_ms": grid.open_time_ms[starts].tolist(),
                "codes": code[starts].tolist(),
            }
        )

    def profile(self, profile: Profile, decimals: int) -> None:
        """Tell where most was traded."""
        if profile.price.size == 0:
            return
        control, low, high = (
            number(price, decimals)
            for price in (profile.point_of_control, profile.value_low, profile.value_high)
        )
        self._words.append(f"point of control {control} · value area {low} to {high}")

    def note(self, note: Note) -> None:
        """Tell what the overlay itself has to say."""
        self._notes.append(note.text)

    def told(self) -> Mapping[str, Any]:
        """Return the entry as the script takes it."""
        return self._head | {
            "curves": self._curves,
            "ribbons": self._ribbons,
            "words": " · ".join(self._words),
            "note": "\n".join(self._notes),
        }
