"""Frames of the cards and of the drawer; ``verdict_*.js`` fills them."""

from typing import Any

from dash import dcc, html

from ui.decision import ids
from ui.panels.card import attribute

_WAITING = "Not read yet."


def decision_card() -> Any:
    """Return the card of the latest evaluation, empty."""
    return _frame(ids.TOLD, ids.CARD)


def alignment_card() -> Any:
    """Return the grid of timeframes, empty."""
    return _frame(ids.ALIGNMENT_TOLD, ids.ALIGNMENT)


def drawer() -> html.Section:
    """
    Return the drawer, closed. It lies over the cards and leaves the chart in reach, so it is no
    modal dialog.
    """
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Evaluation", id=ids.DRAWER_TITLE, tabIndex=-1),
                    html.Button(
                        "Close",
                        id=ids.DRAWER_CLOSE,
                        type="button",
                        className="use",
                        title="Close (Esc)",
                    ),
                ],
                className="decision-drawer-head",
            ),
            html.Div(id=ids.DRAWER_BODY, className="decision-drawer-body", tabIndex=0),
        ],
        id=ids.DRAWER,
        className="decision-drawer",
        hidden=True,
        role="dialog",
        **attribute("aria-labelledby", ids.DRAWER_TITLE),
    )


def mark() -> html.Div:
    """Return what marks a bar of the chart; ``chart_jump.js`` puts it there."""
    return html.Div(id=ids.MARK, className="decision-mark", hidden=True)


def _frame(told: str, body: str) -> Any:
    return html.Div([dcc.Store(id=told), html.Div(html.P(_WAITING, className="empty"), id=body)])
