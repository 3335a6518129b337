"""The tab with the talk; ``chat.js`` fills it."""

from dash import dcc, html

from deepseek.chat_prompt import MAX_QUESTION_CHARACTERS
from ui.panels.card import attribute

TALK = "chat-talk"


def chat_tab() -> html.Div:
    """Return the tab, empty."""
    return html.Div(
        [
            dcc.Store(id=TALK),
            html.Div(
                [
                    html.Span(id="chat-market", className="chat-market"),
                    html.Span(id="chat-stage", className="muted", role="status"),
                    html.Span(id="chat-budget", className="chat-budget muted"),
                ],
                className="chat-head",
            ),
            html.Div(
                html.P("Not read yet.", className="empty"),
                id="chat-list",
                tabIndex=0,
                role="log",
                **attribute("aria-label", "Questions and answers"),
            ),
            html.Div(
                id="chat-form",
                className="chat-form",
                **attribute("data-most", str(MAX_QUESTION_CHARACTERS)),
            ),
        ],
        className="chat-tab",
    )
