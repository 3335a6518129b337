"""The help dialog: every key of the keyboard, as the scripts registered them."""

from typing import Any

from dash import html

from ui.panels.card import attribute


def help_dialog() -> Any:
    """Return the empty dialog; ``keyboard.js`` fills and opens it."""
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("Keyboard", id="help-title"),
                    html.Button("Close", type="button", className="use", id="help-close"),
                ],
                className="dialog-head",
            ),
            html.Table(html.Tbody(id="help-keys"), className="keys"),
        ],
        id="help-dialog",
        className="dialog",
        **attribute("aria-labelledby", "help-title"),
    )
