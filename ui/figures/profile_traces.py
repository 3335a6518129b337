"""Volume by price, as bars from the right edge of the price pane."""

from typing import Any

import numpy as np

from core.model.candles import FloatArray
from core.model.shapes import Profile
from ui.figures.plotly_json import Trace, values
from ui.figures.tones import faded
from ui.theme import Palette

PROFILE_AXIS = "x2"
_WIDTH_SHARE = 0.18
"""Of the pane, that of the bucket with the largest volume."""
_INSIDE, _OUTSIDE = 0.42, 0.18
"""Opacity of buckets inside and outside of the value area."""


def profile_traces(profile: Profile, palette: Palette) -> list[Trace]:
    """Draw what takers bought and sold per bucket; the whole volume where that is not known."""
    if profile.price.size == 0:
        return []
    bought = np.nan_to_num(profile.buy_volume, nan=0.0)
    known = np.isfinite(profile.buy_volume)
    middle = profile.price + profile.width / 2.0
    inside = (middle >= profile.value_low) & (middle <= profile.value_high)
    parts = (
        (np.where(known, bought, 0.0), np.zeros(middle.size), palette.up),
        (np.where(known, profile.volume - bought, 0.0), bought, palette.down),
        (np.where(known, 0.0, profile.volume), np.zeros(middle.size), palette.neutral),
    )
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": profile.name,
            "x": values(volume, 3),
            "base": values(base, 3),
            "y": values(middle),
            "width": profile.width,
            "xaxis": PROFILE_AXIS,
            "marker": {
                "color": [faded(colour, _INSIDE if i else _OUTSIDE) for i in inside.tolist()],
                "line": {"width": 0},
            },
            "hoverinfo": "skip",
            "meta": {"far": True},
        }
        for volume, base, colour in parts
        if volume.any()
    ]


def profile_axis(profile: Profile) -> dict[str, Any]:
    """Return the axis of the volumes, from the right."""
    most = _most(profile.volume)
    return {
        "overlaying": "x",
        "range": [most / _WIDTH_SHARE, 0.0],
        "fixedrange": True,
        "visible": False,
    }


def profile_levels(profile: Profile, palette: Palette) -> list[dict[str, Any]]:
    """Return the point of control and the edges of the value area as lines across the pane."""
    levels = (
        (profile.point_of_control, palette.warning, "dot"),
        (profile.value_low, palette.muted, "dash"),
        (profile.value_high, palette.muted, "dash"),
    )
    return [
        {
            "type": "line",
            "xref": "x domain",
            "x0": 1.0 - _WIDTH_SHARE,
            "x1": 1.0,
            "yref": "y",
            "y0": price,
            "y1": price,
            "line": {"color": colour, "width": 1, "dash": dash},
        }
        for price, colour, dash in levels
        if np.isfinite(price)
    ]


def _most(volume: FloatArray) -> float:
    return float(volume.max()) if volume.size and float(volume.max()) > 0.0 else 1.0
