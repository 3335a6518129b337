"""The tools that draw on the chart, and the question before all drawings are erased."""

from typing import Any

from dash import html

from ui.panels.card import attribute

TOOLS = (
    ("select", "Select and move drawings; pan the chart (Esc)"),
    ("line", "Line between two points"),
    ("ray", "Ray from a point through another"),
    ("rectangle", "Rectangle"),
    ("fib", "Fibonacci retracement: from the beginning of a move to its end"),
    ("measure", "Measure price, candles and time"),
    ("erase", "Eraser: click drawings to take them away"),
)
"""Key and what it says of itself; ``drawing_shapes.js`` spells the kinds of drawings the same."""


def tools() -> html.Div:
    """Return one button per tool; ``drawing_bar.js`` marks the one at work."""
    return html.Div(
        [
            *(_tool(key, words) for key, words in TOOLS),
            html.Button(
                id="drawings-clear",
                type="button",
                className="icon drawings-icon clear",
                title="Erase all drawings of this symbol",
                disabled=True,
                **attribute("aria-label", "Erase all drawings"),
            ),
        ],
        className="drawings-tools",
        role="group",
        **attribute("aria-label", "Drawing"),
    )


def _tool(key: str, words: str) -> html.Button:
    return html.Button(
        type="button",
        className=f"icon drawings-icon {key}",
        title=words,
        **attribute("data-drawing-tool", key),
        **attribute("aria-label", words),
        **attribute("aria-pressed", str(key == "select").lower()),
    )


def layer() -> list[Any]:
    """Return nothing: ``drawing_layer.js`` puts its picture into the part's element."""
    return []


def question() -> html.Dialog:
    """Return the dialog that asks before all is erased."""
    return html.Dialog(
        [
            html.P(id="drawings-ask-text"),
            html.Div(
                [
                    html.Button("Keep", id="drawings-ask-no", type="button", className="use"),
                    html.Button("Erase", id="drawings-ask-yes", type="button", className="use"),
                ],
                className="drawings-answers",
            ),
        ],
        id="drawings-ask",
        className="dialog drawings-ask",
        **attribute("aria-labelledby", "drawings-ask-text"),
    )
