"""Which events of a table are worth drawing."""

import numpy as np
import numpy.typing as npt

from core.model.events import NEVER_MS, Markers, Zones
from ui.figures.time_grid import TimeGrid

MOST_ROWS = 150
"""Of a table, the newest; more would hide the candles."""


def shown_zones(zones: Zones, grid: TimeGrid) -> Zones:
    """Return the newest zones that reach into the shown candles."""
    lives = (zones.ended_ms == NEVER_MS) | (zones.ended_ms >= grid.first_ms)
    return zones.rows(_newest(lives & (zones.from_ms <= grid.last_ms)))


def shown_markers(markers: Markers, grid: TimeGrid) -> Markers:
    """Return the newest markers at a shown candle."""
    return markers.rows(_newest(markers.at_ms >= grid.first_ms))


def _newest(where: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.flatnonzero(where)[-MOST_ROWS:]
