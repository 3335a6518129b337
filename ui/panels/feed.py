"""How the feed does; scripts fill the numbers with every push."""

from typing import Any

from dash import html

from ui.figures.numbers import UNKNOWN
from ui.panels.card import figures


def feed_panel() -> list[Any]:
    """Return the contents of the feed card."""
    return [
        html.P(id="feed-detail", className="detail"),
        figures(
            [
                ("Frames", html.Span(UNKNOWN, id="feed-frames")),
                ("Unreadable", html.Span(UNKNOWN, id="feed-malformed")),
                ("Reconnects", html.Span(UNKNOWN, id="feed-reconnects")),
            ]
        ),
    ]
