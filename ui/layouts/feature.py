"""One, two or four charts as a feature of the page."""

from ui.feature import Feature, Part, Place
from ui.layouts.panel import overlays_button, switch


def layouts_feature() -> Feature:
    """Return the switch, and what only a chart in a frame shows."""
    return Feature(
        parts=(
            Part(Place.TOOLS, "layouts-switch", switch, "Layout", order=80),
            Part(Place.HEADER, "layouts-embed", overlays_button, order=9),
        )
    )
