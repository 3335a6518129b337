"""The button that opens a replay, its dialog, and the bar that drives it."""

from typing import Any

from dash import html

from ui.panels.card import attribute


def opener() -> html.Button:
    """Return the button above the chart."""
    return html.Button(
        id="replay-open",
        type="button",
        className="icon replay-icon",
        title="Replay a stored day with the future hidden (r)",
        **attribute("aria-label", "Replay a stored day"),
        **attribute("aria-pressed", "false"),
    )


def bar() -> html.Div:
    """Return the bar of a replay under way; ``day_replay.js`` adds slider and speed."""
    return html.Div(
        [
            html.Span("REPLAY", className="replay-badge"),
            html.Span(id="replay-time", role="status"),
            _button("back", "◂", "One candle back (,)"),
            _button("play", "▶", "Play or pause (p)"),
            _button("on", "▸", "One candle on (.)"),
            html.Span(id="replay-fields-bar"),
            _button("leave", "Leave", "Back to the market as it is now"),
            html.Span("The future is hidden on the chart only.", className="muted"),
            html.Span(id="replay-note", role="status"),
        ],
        id="replay-bar",
        className="replay-bar",
        role="group",
        hidden=True,
        **attribute("aria-label", "Replay"),
    )


def dialog() -> Any:
    """Return the dialog in which day and time are chosen; ``day_replay.js`` adds the fields."""
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("Replay a stored day", id="replay-title"),
                    html.Button("Close", type="button", className="use", id="replay-close"),
                ],
                className="dialog-head",
            ),
            html.P(
                "The chart, its overlays, zones and signals are drawn from what was known at"
                " the time you choose, candle by candle. Times are UTC."
            ),
            html.Div(id="replay-fields", className="replay-fields"),
            html.P(id="replay-said", role="status", className="muted"),
            html.Div(
                html.Button("Start", type="button", className="use go", id="replay-start"),
                className="dialog-foot",
            ),
        ],
        id="replay-dialog",
        className="dialog replay-dialog",
        **attribute("aria-labelledby", "replay-title"),
    )


def _button(key: str, text: str, words: str) -> html.Button:
    return html.Button(
        text,
        type="button",
        className="use",
        title=words,
        **attribute("data-replay", key),
        **attribute("aria-label", words),
    )
