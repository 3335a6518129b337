"""The picker of chart overlays: whatever was discovered, in name order."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from core.model.overlay import Overlay
from ui import ids
from ui.panels.card import attribute


def overlay_picker(overlays: Mapping[str, Overlay[Any]]) -> html.Section:
    """Return the section with one checkbox per overlay, all of them on."""
    return html.Section(
        [
            html.H2("Chart Overlays", className="card-title"),
            dmc.CheckboxGroup(
                id=ids.OVERLAYS,
                value=list(overlays),
                children=[_row(key, overlay) for key, overlay in overlays.items()],
                persistence=",".join(overlays),
                persistence_type="local",
            ),
        ],
        className="card",
    )


def _row(key: str, overlay: Overlay[Any]) -> html.Div:
    return html.Div(
        [
            dmc.Checkbox(value=key, label=overlay.title, size="xs"),
            dmc.Tooltip(
                html.Span(
                    "?", className="help", tabIndex=0, **attribute("aria-label", "Explanation")
                ),
                label=f"{overlay.explanation} Source: {overlay.source}.",
                multiline=True,
                w=300,
                position="right-start",
                withArrow=True,
            ),
        ],
        className="overlay-row",
    )
