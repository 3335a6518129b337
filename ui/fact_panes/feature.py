"""Panes of funding and open interest, and the heights of all panes, as a feature of the page."""

from dash import ClientsideFunction, Dash, Input

from ui import ids
from ui.fact_panes.panel import edges, tools
from ui.feature import Feature, Part, Place


def fact_panes_feature() -> Feature:
    """Return the switches and the edges between panes; the chart itself draws the panes."""
    return Feature(
        parts=(
            Part(Place.TOOLS, "fact-tools", tools, "Panes", order=45),
            Part(Place.CHART, "pane-edges-layer", edges, order=20),
        ),
        register=_register,
    )


def _register(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("fact_panes", "follow"),
        Input(ids.LOOK, "data"),
    )
