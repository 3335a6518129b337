"""Drawings and the crosshair as a feature of the page; the server knows nothing of either."""

from ui.drawings.panel import layer, question, tools
from ui.feature import Feature, Part, Place


def drawings_feature() -> Feature:
    """Return the tools, the picture over the chart and the question."""
    return Feature(
        parts=(
            Part(Place.TOOLS, "drawings-tools", tools, order=10),
            Part(Place.CHART, "drawings-layer", layer, order=10),
            Part(Place.ASIDE, "drawings-question", question),
        )
    )
