"""Kinds of chart, its depth and its picture, as a feature of the page; all but drawing is here."""

from ui.chart_modes.panel import export, older_note, tools
from ui.feature import Feature, Part, Place
from ui.services import Services


def chart_modes_feature(services: Services) -> Feature:
    """
    Return the buttons above the chart, and what tells how far back it goes.

    Args:
        services: How many candles a chart shows at first.
    """
    bars = services.settings.dashboard.candles_shown
    return Feature(
        parts=(
            Part(Place.TOOLS, "modes-tools", lambda: tools(bars), "Scale and candles", order=40),
            Part(Place.TOOLS, "modes-export", export, "Picture", order=75),
            Part(Place.CHART, "modes-notes", older_note, order=60),
        ),
    )
