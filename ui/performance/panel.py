"""The empty places of the page and the tabs; ``performance.js`` fills them."""

from typing import Any

from dash import html

from core.model.source import SOURCE_WORDS, Source
from ops.metric_windows import Period
from ui.panels.card import attribute

_WAITING = "Reading the journal …"
_PERIOD_WORDS = {
    Period.DAY: ("Day", "The last 24 hours of feed time"),
    Period.WEEK: ("Week", "The last 7 days of feed time"),
    Period.MONTH: ("Month", "The last 30 days of feed time"),
    Period.ALL: ("All", "Everything that was recorded"),
}
_EXPORTS = (
    ("metrics.csv", "Metrics CSV"),
    ("trades.csv", "Trades CSV"),
    ("metrics.json", "Metrics JSON"),
)


def metrics_section() -> list[Any]:
    """Return the filters, the exports and the table of figures."""
    return [
        html.Div(
            [
                _periods(),
                _since(),
                _symbol(),
                html.Span(
                    [html.Span("details of", className="label"), _accounts()],
                    className="performance-field",
                ),
                html.Span(className="spacer"),
                html.Span(_exports(), className="performance-choices"),
            ],
            className="performance-bar",
        ),
        _note("window", "muted"),
        _note("fault", "alarm", role="alert"),
        _filled("metrics"),
        html.Div(id="performance-about", role="tooltip", className="about", hidden=True),
    ]


def added_section() -> list[Any]:
    """Return the place of what each way to decide added."""
    return [_filled("added")]


def equity_section() -> list[Any]:
    """Return the place of the equity curves."""
    return [_plot("equity")]


def calibration_section() -> list[Any]:
    """Return the plot of confidence and outcome, and its table."""
    both = html.Div([_plot("calibration"), _filled("calibration")], className="performance-beside")
    return [_whose(), _note("calibration-note"), both]


def multiples_section() -> list[Any]:
    """Return the place of the distribution."""
    return [_whose(), _plot("multiples")]


def symbols_section() -> list[Any]:
    """Return the place of results by symbol."""
    return [_whose(), _filled("by_symbol")]


def reasons_section() -> list[Any]:
    """Return the place of results by reason of exit."""
    return [_whose(), _filled("by_reason")]


def days_section() -> list[Any]:
    """Return the place of trades per day."""
    return [_whose(), _plot("days")]


def equity_tab() -> html.Div:
    """Return the tab with the curves."""
    head = html.Div([_periods(), _note("window", "muted")], className="performance-tab-head")
    return html.Div([head, _note("fault", "alarm"), _plot("equity")], className="performance-tab")


def calibration_tab() -> html.Div:
    """Return the tab with the plot of confidence and outcome beside its table."""
    head = html.Div(
        [_periods(), _accounts(), _note("calibration-note")], className="performance-tab-head"
    )
    both = html.Div([_plot("calibration"), _filled("calibration")], className="performance-beside")
    return html.Div([head, _note("fault", "alarm"), both], className="performance-tab")


def _periods() -> html.Div:
    return html.Div(
        [
            html.Button(
                words,
                type="button",
                className="choice",
                title=title,
                **attribute("data-performance-period", period.value),
                **attribute("aria-pressed", str(period is Period.ALL).lower()),
            )
            for period, (words, title) in _PERIOD_WORDS.items()
        ],
        className="performance-choices",
        role="group",
        **attribute("aria-label", "Period"),
    )


def _accounts() -> html.Div:
    return html.Div(
        [
            html.Button(
                SOURCE_WORDS[source],
                type="button",
                className="choice small",
                hidden=source is Source.HAND,
                **attribute("data-performance-account", source.value),
                **attribute("aria-pressed", str(source is Source.POLICY).lower()),
            )
            for source in Source
        ],
        className="performance-choices",
        role="group",
        **attribute("aria-label", "Account"),
    )


def _whose() -> html.P:
    """Return where is said whose trades a section is about."""
    return _note("account", "muted")


def _since() -> html.Label:
    # The script makes it a date: Dash's Input knows no such type.
    field = html.Span(id="performance-since-field")
    return html.Label([html.Span("since", className="label"), field], className="performance-field")


def _symbol() -> html.Label:
    field = html.Span(id="performance-symbol-field")
    return html.Label(
        [html.Span("symbol", className="label"), field], className="performance-field"
    )


def _exports() -> list[Any]:
    return [
        html.A(
            words,
            href=f"/performance/{name}",
            className="use",
            **attribute("data-performance-export", name),
        )
        for name, words in _EXPORTS
    ]


def _note(key: str, look: str = "", **more: Any) -> html.P:
    return html.P(
        className=f"performance-note {look}", **attribute("data-performance-text", key), **more
    )


def _filled(key: str) -> html.Div:
    return html.Div(html.P(_WAITING, className="empty"), **attribute("data-performance-table", key))


def _plot(key: str) -> html.Div:
    return html.Div(
        html.P(_WAITING, className="empty"),
        className="performance-plot",
        **attribute("data-performance-plot", key),
    )
