"""Zones as rectangles: full from when they were known, an outline from where they are drawn."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from core.model.events import Zone
from ui.figures.plotly_json import Trace
from ui.figures.time_grid import TimeGrid
from ui.figures.tones import colour_of_side, faded
from ui.theme import Palette

_AHEAD_CANDLES = 400
"""How far a zone that lives reaches beyond the newest candle: past any room the page leaves."""
_SHADES = (0.10, 0.17, 0.26)
"""Opacity by strength, weakest first."""
_SPENT = 0.04
_OUTLINE = 0.5

_Style: TypeAlias = tuple[int, float]
_Corner: TypeAlias = tuple[int | None, float | None]
_BREAK: _Corner = (None, None)


def zone_traces(
    zones: Sequence[Zone], grid: TimeGrid, *, decimals: int, palette: Palette
) -> list[Trace]:
    """
    Draw zones of any kinds, one trace per colour and opacity.

    A zone begins to be filled at the candle with whose close it was known; before that it is
    only outlined, because nobody could have seen it there.
    """
    filled: dict[_Style, list[_Corner]] = defaultdict(list)
    outlined: dict[int, list[_Corner]] = defaultdict(list)
    for zone in zones:
        low, high = round(zone.low, decimals), round(zone.high, decimals)
        known_ms = zone.confirmed_ms + 1 - grid.step_ms
        end_ms = grid.last_ms + _AHEAD_CANDLES * grid.step_ms
        if zone.ended_ms is not None:
            end_ms = zone.ended_ms + 1 - grid.step_ms
        right = [(end_ms, low), (end_ms, high)]
        box = [(known_ms, high), (known_ms, low), *right]
        filled[zone.side, _opacity(zone)] += [*box, _BREAK]
        if zone.from_ms < known_ms:
            hindsight = [(known_ms, low), (zone.from_ms, low), (zone.from_ms, high)]
            outlined[zone.side] += [*hindsight, (known_ms, high), _BREAK]
    fills = [
        _path("Zones", corners)
        | {"fill": "toself", "fillcolor": faded(colour_of_side(side, palette), opacity)}
        | {"line": {"width": 0}}
        for (side, opacity), corners in sorted(filled.items())
    ]
    return fills + [
        _path("Zones before they were known", corners) | {"line": _dashed(side, palette)}
        for side, corners in sorted(outlined.items())
    ]


def zone_facts(zones: Iterable[Zone]) -> list[list[Any]]:
    """
    Return what a pointer may ask of each zone.

    As ``[name, from_ms, confirmed_ms, ended_ms, low, high, events]``; the page words it.
    """
    return [
        [z.name, z.from_ms, z.confirmed_ms, z.ended_ms, z.low, z.high, dict(z.events)]
        for z in zones
    ]


def _opacity(zone: Zone) -> float:
    if zone.events or zone.ended_ms is not None:
        return _SPENT
    return _SHADES[min(int(zone.strength * len(_SHADES)), len(_SHADES) - 1)]


def _dashed(side: int, palette: Palette) -> dict[str, Any]:
    return {"color": faded(colour_of_side(side, palette), _OUTLINE), "width": 1, "dash": "dot"}


def _path(name: str, corners: Sequence[_Corner]) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [x for x, _ in corners],
        "y": [y for _, y in corners],
        "hoverinfo": "skip",
        "meta": {"far": True},
    }
