"""The button that stops everything, its dialogs, and the banner of what was stopped."""

from typing import Any

from dash import dcc, html

from core.config import Positions
from ui.panels.card import attribute

STATE = "emergency-state"
_POSITIONS = {
    Positions.KEEP: "Open paper positions are kept; nobody watches them until trading is resumed.",
    Positions.CLOSE: "Open paper positions are closed at the open of the next minute.",
}


def stop_button() -> html.Button:
    """Return the button of the header."""
    return html.Button(
        [html.Span("■", **attribute("aria-hidden", "true")), " STOP"],
        id="emergency-open",
        type="button",
        title="Emergency stop: asks once",
        **attribute("aria-label", "Emergency stop"),
        **attribute("aria-haspopup", "dialog"),
    )


def aside(positions: Positions) -> html.Div:
    """
    Return the banner, empty, and the two dialogs; ``emergency.js`` fills and opens them.

    Args:
        positions: What becomes of open ones.
    """
    return html.Div(
        [
            dcc.Store(id=STATE),
            html.Section(id="emergency-banner", hidden=True, role="alert"),
            _dialog("stop", "Emergency stop", _stop_words(positions), "Reason (may stay empty)",
                    "Hold to stop everything"),
            _dialog("resume", "Resume trading", _resume_words(), "Why is it right to go on?",
                    "Hold to resume"),
        ]
    )  # fmt: skip


def _stop_words(positions: Positions) -> list[Any]:
    return [
        html.P("This happens at once, in this order:"),
        html.Ol(
            [
                html.Li("The latch is set: nothing is entered any more, by any engine."),
                html.Li(
                    "The supervisor and the engine are ended, by force after 2 s. This page goes "
                    "on, and shows how each step went."
                ),
                html.Li(_POSITIONS[positions]),
                html.Li("A backup of the journal, the configuration and the reports is made."),
            ]
        ),
        html.P("Nothing starts again until somebody resumes it, here or with make resume."),
    ]


def _resume_words() -> list[Any]:
    return [
        html.P(
            "The latch is taken away and the engine is started again. Open positions are watched "
            "from the minute of the stop on: what their stops and targets would have done "
            "meanwhile is done first."
        ),
        html.P("Who resumed and why is kept in logs/emergency.log."),
    ]


def _dialog(key: str, title: str, words: list[Any], asked: str, act: str) -> html.Dialog:
    name = f"emergency-{key}"
    return html.Dialog(
        [
            html.H2(title, id=f"{name}-title"),
            html.Div(words, className="emergency-words"),
            html.Label(
                [asked, dcc.Input(id=f"{name}-reason", type="text", maxLength=300,
                                  autoComplete="off")],
                className="emergency-reason",
            ),
            html.P(id=f"{name}-said", role="alert"),
            html.Div(
                [
                    html.Button("Cancel", id=f"{name}-cancel", className="use", type="button"),
                    html.Button(
                        html.Span(act),
                        id=f"{name}-act",
                        className="emergency-hold",
                        type="button",
                        title="Hold it for one second, with the mouse, a finger, Space or Enter",
                    ),
                ],
                className="emergency-acts",
            ),
        ],
        id=f"{name}-dialog",
        className="dialog emergency-dialog",
        **attribute("aria-labelledby", f"{name}-title"),
    )  # fmt: skip
