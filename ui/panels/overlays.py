"""The picker of chart overlays: whatever was discovered, the runbook's six first."""

from collections.abc import Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from core.model.intervals import Interval
from core.model.overlay import Group, Overlay
from core.model.parameters import parameters
from ui import ids
from ui.figures.numbers import THIN_SPACE
from ui.panels.card import attribute

_FIRST = (
    "liquidity_zones",
    "supertrend",
    "chandelier_exit",
    "order_flow",
    "market_regime",
    "timeframe_alignment",
)
"""In the order of the runbook; others of their group follow by name."""
_COST_MEANS = "Milliseconds that 95 of 100 computations do not exceed, once 20 were measured"
_FOLDED = {
    Group.TREND: "Trend",
    Group.MOMENTUM: "Momentum",
    Group.VOLUME: "Volume",
    Group.STRUCTURE: "Structure",
}


def overlay_picker(overlays: Mapping[str, Overlay[Any]]) -> html.Section:
    """
    Return one checkbox per overlay, with what it is and room for what it costs.

    Those of the runbook are on until the viewer says otherwise, the others off;
    ``picker.js`` remembers what was chosen, and explains an overlay when it is asked to: as
    components, all the explanations would be walked through with every push.
    """
    defaults = [overlay.key for overlay in _of(Group.MAIN, overlays)]
    return html.Section(
        [
            dcc.Store(id=ids.OFFERED, data={"keys": _listed_keys(overlays), "defaults": defaults}),
            dcc.Store(id=ids.ABOUT, data={key: about(one) for key, one in overlays.items()}),
            html.Div(
                [
                    html.H2("Chart Overlays", className="card-title"),
                    html.Span("p95 ms", className="muted", title=_COST_MEANS),
                ],
                className="card-head",
            ),
            dmc.CheckboxGroup(
                id=ids.OVERLAYS,
                value=[],  # until `picker.js` has said what is on
                children=[
                    html.Div([_row(overlay) for overlay in _of(Group.MAIN, overlays)]),
                    *(_folded(group, _of(group, overlays)) for group in _FOLDED),
                ],
                **attribute("aria-label", "Chart Overlays"),
            ),
            html.Div(id="picker-sets", **attribute("aria-label", "Saved sets of overlays")),
            html.Dialog(id="picker-about", className="about"),
        ],
        className="card picker",
    )


def _of(group: Group, overlays: Mapping[str, Overlay[Any]]) -> list[Overlay[Any]]:
    found = [overlay for overlay in overlays.values() if overlay.group is group]
    return sorted(found, key=_place)


def _place(overlay: Overlay[Any]) -> tuple[int, str]:
    listed = overlay.key in _FIRST
    return _FIRST.index(overlay.key) if listed else len(_FIRST), overlay.title


def _listed_keys(overlays: Mapping[str, Overlay[Any]]) -> list[str]:
    return [overlay.key for group in Group for overlay in _of(group, overlays)]


def _folded(group: Group, overlays: Iterable[Overlay[Any]]) -> Any:
    rows = [_row(overlay) for overlay in overlays]
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(f"More: {_FOLDED[group]}"),
                    html.Span(id=f"{ids.PICKED}-{group.value}", className="muted picked"),
                ]
            ),
            *rows,
        ],
        hidden=not rows,
    )


def _row(overlay: Overlay[Any]) -> html.Div:
    return html.Div(
        [
            dmc.Checkbox(value=overlay.key, label=overlay.title, size="xs"),
            html.Span(id=f"{ids.COST}-{overlay.key}", className="muted cost"),
            html.Button(
                "?",
                type="button",
                className="help",
                **attribute("data-about", overlay.key),
                **attribute("aria-label", f"About {overlay.title}"),
                **attribute("aria-haspopup", "dialog"),
            ),
        ],
        className="overlay-row",
    )


def about(overlay: Overlay[Any]) -> dict[str, Any]:
    """Return all that is to be known of an overlay, as ``picker.js`` writes it."""
    return {
        "title": overlay.title,
        "text": [overlay.explanation, _settling(overlay)],
        "parameters": [
            [
                of.name.replace("_", " "),
                f"{of.default:g}{THIN_SPACE}{of.unit}".strip(),
                of.meaning,
            ]
            for of in parameters(overlay.defaults)
        ],
        "source": f"Source: {overlay.source}.",
    }


def _settling(overlay: Overlay[Any]) -> str:
    known = (
        "A value is final when its candle closes and is never redrawn."
        if overlay.settles_after == 0
        else f"The newest {overlay.settles_after} values may still change."
    )
    counts = [overlay.warm_up_candles(overlay.defaults, interval) for interval in Interval]
    fewest, most = min(counts), max(counts)
    needed = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    read = f"{needed} earlier candles are read first, so that no value depends on where"
    return f"{known} {read} the chart begins."
