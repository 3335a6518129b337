"""The components of trading by hand; its scripts fill them."""

from typing import Any

from dash import dcc, html

from ui.panels.card import attribute
from ui.panels.grid import DIRECTION, SIGN, figure_column, grid, text_column
from ui.trading import ids


def trades_tab() -> html.Div:
    """Return the tab with open and finished trades, empty."""
    return html.Div(
        [
            dcc.Store(id=ids.BOOK),
            html.Div(
                [
                    _view("open", "Open", is_shown=True),
                    _view("closed", "Closed", is_shown=False),
                    html.Button(
                        "Shadow accounts",
                        id="trading-shadows",
                        type="button",
                        className="switch",
                        role="switch",
                        title="Show what the rules alone and chance trade, too",
                        **attribute("aria-checked", "false"),
                    ),
                    html.Span(id="trading-sums", className="trading-sums"),
                    html.Span(id="trading-flatten-box"),
                ],
                className="trading-head",
            ),
            html.Div(html.P("Not read yet.", className="empty"), id="trading-open", tabIndex=-1),
            html.Div(
                grid(ids.CLOSED, _columns(), "No closed trades yet"),
                id="trading-closed-box",
                hidden=True,
            ),
        ],
        className="trading-tab",
    )


def tools() -> list[Any]:
    """Return the buttons above the chart."""
    return [
        dcc.Store(id=ids.STANDING),
        html.Button(
            "Trade",
            id="trading-open-form",
            type="button",
            className="use",
            title="Enter a paper position by hand",
            **attribute("aria-expanded", "false"),
            **attribute("aria-controls", ids.FORM),
        ),
        html.Button("Pause", id="trading-pause", type="button", className="use", hidden=True),
    ]


def lines() -> html.Div:
    """Return the layer over the chart in which levels are drawn."""
    return html.Div(id=ids.LINES, className="trading-lines")


def entry_form(most_risk_pct: float) -> html.Section:
    """
    Return the form of an entry with its size calculator.

    Args:
        most_risk_pct: Percent of equity a trade may risk; what the form begins with.
    """
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Trade", id="trading-title", className="trading-title"),
                    _button("Close", "trading-close-form", "use", aria="Close the form"),
                ],
                className="dialog-head",
            ),
            html.Div(
                [_choice("LONG", "▲ Long", is_on=True), _choice("SHORT", "▼ Short", is_on=False)],
                className="trading-choices",
                role="group",
                **attribute("aria-label", "Direction"),
            ),
            _level("stop", "Stop"),
            _level("target", "Target"),
            html.Div(
                [
                    html.Label("Size", htmlFor="trading-size"),
                    _input("trading-size", f"{most_risk_pct:g}"),
                    _size_unit(most_risk_pct),
                ],
                className="trading-field",
            ),
            html.Dl(id="trading-quote", className="figures"),
            html.P(id="trading-said", role="status", className="trading-said"),
            _button("Enter", "trading-enter", "use trading-enter"),
            html.P(
                "Paper account by hand. It enters at the open of the next minute.",
                className="muted trading-note",
            ),
        ],
        id=ids.FORM,
        hidden=True,
        **attribute("aria-labelledby", "trading-title"),
    )


def _size_unit(most_risk_pct: float) -> Any:
    """Return the unit of the size, as two buttons."""
    units = (("risk_pct", "% at risk", f"at most {most_risk_pct:g} %"), ("quantity", "units", ""))
    return html.Div(
        [
            html.Button(
                words,
                type="button",
                className="choice",
                title=more,
                **attribute("data-size", key),
                **attribute("aria-pressed", str(i == 0).lower()),
            )
            for i, (key, words, more) in enumerate(units)
        ],
        className="trading-choices small",
        role="group",
        **attribute("aria-label", "The size is given as"),
    )


def _level(key: str, words: str) -> html.Div:
    return html.Div(
        [
            html.Label(words, htmlFor=f"trading-{key}"),
            _input(f"trading-{key}", ""),
            html.Button(
                "Pick",
                type="button",
                className="use",
                title="Then click into the chart",
                **attribute("data-pick", key),
                **attribute("aria-pressed", "false"),
                **attribute("aria-label", f"Pick the {key} from the chart"),
            ),
        ],
        className="trading-field",
    )


def _input(component_id: str, value: str) -> html.Span:
    """Return the place of a text field, which the script makes: Dash would round what is typed."""
    return html.Span(
        className="trading-input-box",
        **attribute("data-input", component_id),
        **attribute("data-value", value),
    )


def _choice(key: str, words: str, *, is_on: bool) -> html.Button:
    return html.Button(
        words,
        type="button",
        className="choice",
        **attribute("data-direction", key),
        **attribute("aria-pressed", str(is_on).lower()),
    )


def _button(words: str, component_id: str, name: str, *, aria: str = "") -> html.Button:
    more = attribute("aria-label", aria) if aria else {}
    return html.Button(words, id=component_id, type="button", className=name, **more)


def _view(key: str, words: str, *, is_shown: bool) -> html.Button:
    return html.Button(
        words,
        id=f"trading-show-{key}",
        type="button",
        className="choice",
        **attribute("data-trades", key),
        **attribute("aria-pressed", str(is_shown).lower()),
    )


def _columns() -> list[dict[str, Any]]:
    time = {"valueFormatter": {"function": "tradeTime(params)"}, "sort": "desc"}
    return [
        text_column("exit_ms", "Left (UTC)", 140) | time,
        text_column("symbol", "Symbol", 100),
        text_column("direction", "Direction", 96, cellClassRules=DIRECTION),
        text_column("whose", "Account", 108),
        figure_column("quantity", "Quantity", "tradeQuantity", width=96),
        figure_column("entry", "Entry", "price", width=104),
        figure_column("exit", "Exit", "price", width=104),
        text_column("held", "Held", 96, sortable=False),
        text_column("reason", "Why it ended", 180, flex=1, tooltipField="reason"),
        figure_column("pnl", "P&L", "money", width=92, cellClassRules=SIGN),
        figure_column("r", "R", "two", width=72, cellClassRules=SIGN),
        figure_column("fees", "Fees", "cost", width=80),
        figure_column("funding", "Funding paid", "cost", width=104),
    ]
