"""How many charts the page shows, and the button a chart in a frame opens its overlays with."""

from dash import html

from ui.panels.card import attribute

COUNTS = ((1, "One chart"), (2, "Two charts side by side"), (4, "Four charts"))


def switch() -> html.Div:
    """Return one button per layout; ``layouts.js`` marks the one shown."""
    return html.Div(
        [_layout(count, words) for count, words in COUNTS],
        className="layouts-switch",
        role="group",
        **attribute("aria-label", "Charts"),
    )


def _layout(count: int, words: str) -> html.Button:
    return html.Button(
        type="button",
        className=f"icon layouts-icon charts-{count}",
        title=words,
        **attribute("data-charts", str(count)),
        **attribute("aria-label", words),
        **attribute("aria-pressed", str(count == 1).lower()),
    )


def overlays_button() -> html.Button:
    """Return what opens the picker of overlays in a frame, where there is no room beside it."""
    return html.Button(
        "Overlays",
        id="layouts-overlays",
        type="button",
        className="use",
        title="Chart overlays of this chart (o)",
        **attribute("data-fold", "left"),
    )
