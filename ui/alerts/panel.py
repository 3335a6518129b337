"""The tab with alerts and the log, and the button above the chart; scripts fill them."""

from typing import Any

from dash import dcc, html

from core.model.features import FeatureGroup
from core.signals.features import FEATURES
from ui.alerts import ids
from ui.panels.card import attribute

_COMPARISONS = (("crosses", "crosses"), ("above", "is at or above"), ("below", "is at or below"))
_LEVELS = (("", "All levels"), ("WARNING", "Warnings and errors"), ("ERROR", "Errors"))


def alerts_tab() -> html.Div:
    """Return the tab, empty."""
    return html.Div(
        [
            dcc.Store(id=ids.LOG_LINES),
            html.Section(
                [
                    _form(),
                    html.Div(
                        html.P("Not read yet.", className="empty"),
                        id="alerts-rows",
                        className="alerts-rows",
                    ),
                ],
                className="alerts-side",
                **attribute("aria-label", "Alerts"),
            ),
            html.Section(
                [
                    html.Div(
                        [
                            html.Span("Log", className="card-title"),
                            _select("alerts-log-file", "Log file", [("", "All files")]),
                            _select("alerts-log-level", "Level of lines", _LEVELS),
                            html.Span(id="alerts-log-filter-box"),
                            html.Button(
                                "Pause",
                                id="alerts-log-pause",
                                type="button",
                                className="use",
                                **attribute("aria-pressed", "false"),
                            ),
                            html.Span(id="alerts-log-state", className="muted", role="status"),
                        ],
                        className="alerts-head",
                    ),
                    html.Div(
                        html.P("Not read yet.", className="empty"),
                        id="alerts-log-list",
                        tabIndex=0,
                        role="log",
                        **attribute("aria-label", "Newest lines of the logs"),
                        **attribute("aria-live", "off"),
                    ),
                ],
                className="alerts-side",
                **attribute("data-panel", ids.LOG),
                **attribute("aria-label", "Log"),
            ),
        ],
        className="alerts-tab",
    )


def watch() -> html.Div:
    """Return what keeps the alerts read, whatever page is shown."""
    return html.Div(dcc.Store(id=ids.LIST))


def tools() -> html.Button:
    """Return the button above the chart."""
    return html.Button(
        "Alert",
        id="alerts-pick",
        type="button",
        className="use",
        title="Then click into the chart at the price to be told of",
        **attribute("aria-pressed", "false"),
        **attribute("aria-label", "Alert at a price: then click into the chart"),
    )


def lines() -> html.Div:
    """Return the layer over the chart in which levels are drawn."""
    return html.Div(id=ids.LINES, className="alerts-lines")


def _form() -> html.Div:
    """Return the form; the script makes its text fields, which Dash would round."""
    return html.Div(
        [
            html.Span(id="alerts-symbol", className="alerts-symbol"),
            _subjects(),
            _select("alerts-comparison", "What must happen", _COMPARISONS),
            html.Span(className="alerts-field-box", **attribute("data-alerts-field", "level")),
            html.Span(className="alerts-field-box", **attribute("data-alerts-field", "note")),
            html.Button(
                "Once",
                id="alerts-once",
                type="button",
                className="switch",
                role="switch",
                title="Off: it is told again each time, at most once a minute",
                **attribute("aria-checked", "true"),
            ),
            html.Button("Add", id="alerts-add", type="button", className="use"),
            html.Span(id="alerts-said", role="status", className="alerts-said"),
        ],
        className="alerts-head",
        role="group",
        **attribute("aria-label", "New alert"),
    )


def _subjects() -> html.Select:
    groups = [
        html.Optgroup(
            [
                html.Option(spec.name, value=spec.name, title=f"{spec.meaning} ({spec.unit})")
                for spec in FEATURES.values()
                if spec.group is group
            ],
            label=group.value,
        )
        for group in FeatureGroup
    ]
    return _select("alerts-subject", "Price or feature", [("price", "price")], groups)


def _select(component_id: str, label: str, options: Any, more: Any = ()) -> html.Select:
    return html.Select(
        [*(html.Option(words, value=key) for key, words in options), *more],
        id=component_id,
        className="alerts-select",
        **attribute("aria-label", label),
    )
