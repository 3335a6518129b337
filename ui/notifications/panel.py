"""The bell of the header, the list behind it, and the room for what pops up."""

from typing import Any

from dash import dcc, html

from ui.panels.card import attribute

EVENTS = "notifications-events"


def bell() -> html.Button:
    """Return the button with the number of unread notifications."""
    return html.Button(
        [html.Span(className="bell"), html.Span(id="notifications-unread", hidden=True)],
        id="notifications-bell",
        className="icon",
        type="button",
        title="Notifications (n)",
        **attribute("aria-label", "Notifications"),
        **attribute("aria-expanded", "false"),
        **attribute("aria-controls", "notifications-centre"),
    )


def centre() -> html.Div:
    """Return the list, empty, and the toasts' corner; ``notifications.js`` fills both."""
    return html.Div(
        [
            dcc.Store(id=EVENTS),
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Notifications", className="card-title"),
                            html.Button(
                                "Clear", id="notifications-clear", type="button", className="use"
                            ),
                        ],
                        className="dialog-head",
                    ),
                    html.Ol(id="notifications-list"),
                    _switch("notifications-sound", "Sound"),
                    _switch("notifications-browser", "Browser notifications while hidden"),
                ],
                id="notifications-centre",
                hidden=True,
                **attribute("aria-label", "Notifications"),
            ),
            html.Div(id="notifications-toasts", role="status", **attribute("aria-live", "polite")),
        ]
    )


def _switch(component_id: str, text: str) -> Any:
    return html.Button(
        text,
        id=component_id,
        type="button",
        className="switch",
        role="switch",
        **attribute("aria-checked", "false"),
    )
