"""Buttons that change how the chart is drawn, and the line that tells how far back it goes."""

from dash import html

from ui.panels.card import attribute


def tools(bars: int) -> html.Div:
    """
    Return the switches of the chart.

    Args:
        bars: Candles of a chart nobody has panned back; ``chart_modes.js`` adds to them.
    """
    return html.Div(
        [
            _switch("log", "Log", "Logarithmic price axis: equal distances are equal ratios (l)"),
            _switch("heikin-ashi", "HA", "Heikin-Ashi: averaged candles (h)"),
        ],
        id="modes",
        className="modes",
        role="group",
        **attribute("aria-label", "How the chart is drawn"),
        **attribute("data-bars", str(bars)),
    )


def export() -> html.Div:
    """Return the button that saves a picture, and where it says that it did."""
    return html.Div(
        [
            html.Button(
                id="modes-save",
                type="button",
                className="icon modes-save",
                title="Save a picture of the chart (PNG)",
                **attribute("aria-label", "Save a picture of the chart"),
            ),
            html.Span(id="modes-saved", className="muted", role="status"),
        ],
        className="modes",
    )


def older_note() -> html.Div:
    """Return the line at the left edge: older candles come, or there are none; empty at first."""
    return html.Div(id="modes-older", className="modes-older", role="status")


def _switch(key: str, text: str, words: str) -> html.Button:
    return html.Button(
        text,
        type="button",
        className="icon modes-switch",
        title=words,
        **attribute("data-mode", key),
        **attribute("aria-label", words),
        **attribute("aria-pressed", "false"),
    )
