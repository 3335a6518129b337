"""Buttons that switch the panes of facts, and where the edges between panes are drawn."""

from dash import html

from ui.look import FactPane
from ui.panels.card import attribute

_BUTTONS = {
    FactPane.FUNDING: ("Funding", "Funding that was settled, in a pane below the chart"),
    FactPane.OPEN_INTEREST: ("OI", "Open interest, in a pane below the chart"),
}


def tools() -> html.Div:
    """Return a switch per pane; ``fact_panes.js`` says which are on."""
    return html.Div(
        [
            html.Button(
                text,
                type="button",
                className="icon fact-switch",
                title=words,
                **attribute("data-fact", pane.value),
                **attribute("aria-label", words),
                **attribute("aria-pressed", "false"),
            )
            for pane, (text, words) in _BUTTONS.items()
        ],
        className="fact-switches",
        role="group",
        **attribute("aria-label", "Panes below the chart"),
    )


def edges() -> html.Div:
    """Return what ``pane_heights.js`` puts the edges between panes into."""
    return html.Div(id="pane-edges", className="pane-edges")
