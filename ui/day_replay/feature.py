"""Replay of a stored day as a feature of the page: `Look.until_ms` is its whole state."""

from ui.day_replay.panel import bar, dialog, opener
from ui.day_replay.routes import replay_router
from ui.feature import Feature, Part, Place
from ui.services import Services


def day_replay_feature(services: Services) -> Feature:
    """
    Return the button, the dialog, the bar and what they ask.

    Args:
        services: Where days are stored.
    """
    return Feature(
        parts=(
            Part(Place.TOOLS, "replay-tools", opener, "Replay", order=50),
            Part(Place.TOOLS, "replay-bar", bar, order=99),
            Part(Place.ASIDE, "replay-aside", dialog),
        ),
        router=replay_router(services),
    )
