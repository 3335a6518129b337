"""The section with active health alarms; ``alarms.js`` fills it."""

from dash import dcc, html

STORE = "alarms-told"


def alarms_section() -> html.Div:
    """Return the section, empty."""
    return html.Div(
        [
            dcc.Store(id=STORE),
            html.Div(html.P("Not read yet.", className="empty"), id="alarms-rows"),
            html.P(id="alarms-said", role="status", className="muted"),
        ]
    )
