"""The lines across the top: what is watched, its price and clock, and who is at work."""

from collections.abc import Iterable, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from core.model.intervals import Interval
from ui import ids
from ui.feature import Part
from ui.figures.numbers import UNKNOWN
from ui.panels.card import attribute
from ui.shell.regions import PAGES, placed

_OFFERED_AT_ONCE = 120
"""Of more a browser is slow to open the list; the search finds the others."""

_SMALL_BELOW = 10


def header(symbol: str, options: Sequence[Any], parts: Iterable[Part] = ()) -> html.Header:
    """
    Return the header; its live parts are empty and filled by scripts.

    Args:
        symbol: What is shown until the browser says what it remembers.
        options: What can be chosen.
        parts: What features put at the right end; those of the lowest order beside the switches.
    """
    small: list[Any] = []
    others: list[Any] = []
    for part in parts:
        (small if part.order < _SMALL_BELOW else others).append(placed(part))
    return html.Header(
        [
            html.Div(_market(symbol, options), className="head-row market"),
            html.Div([*_navigation(), *small], className="head-row places"),
            html.Div(
                [*_standing(), html.Div(className="spacer"), *others],
                className="head-row standing",
            ),
        ],
        className="header",
        **attribute("data-panel", "header"),
    )


def _market(symbol: str, options: Sequence[Any]) -> list[Any]:
    return [
        html.Span(className="mark", title="DeepSeek Trading Dashboard"),
        _symbol_select(symbol, options),
        html.Div(
            [
                html.Span(id=f"{ids.PRICE}-value", className="price-value"),
                html.Span(id=f"{ids.PRICE}-arrow", className="price-arrow"),
            ],
            id=ids.PRICE,
            className="price",
            title="Last price",
        ),
        _fact("24 h", "change-24h", "Change since 24 hours ago, by the candles of the chart"),
        _fact("mark", "mark-price", "Mark price: what margin and funding are counted by"),
        _fact("funding", "funding", "Rate of the coming funding, and the time until it is paid"),
        _interval_control(),
        _fact("closes in", ids.COUNTDOWN, "Until the running candle closes, by market time"),
    ]


def _standing() -> list[Any]:
    return [
        html.Span(id=ids.MARKET_LABEL, className="market-label", hidden=True),
        _feed_badge(),
        html.Div(id=ids.ENGINE, className="badges"),
        _fact("paper", "equity", "Worth of the paper account, and what it made since 00:00 UTC"),
        _fact("LLM today", "llm-used", "Spent on DeepSeek since 00:00 UTC, of the day's budget"),
        _fact("UTC", ids.MARKET_TIME, "Market time, as the feed tells it"),
    ]


def _navigation() -> list[Any]:
    links = [
        html.A(title, href=path, className="page-link", **attribute("data-page", key))
        for key, title, path in PAGES
    ]
    return [
        html.Nav(links, className="pages", **attribute("aria-label", "Pages")),
        html.Button("☾", id="theme-switch", className="icon", type="button",
                    title="Dark or light", **attribute("aria-label", "Dark or light theme")),
        html.Button("?", id="help-open", className="icon", type="button",
                    title="Keyboard (?)", **attribute("aria-label", "Help: keyboard")),
    ]  # fmt: skip


def _fact(label: str, component_id: str, hint: str) -> html.Span:
    """Return a label with a number that a script writes."""
    return html.Span(
        [html.Span(label, className="label"), html.Span(UNKNOWN, id=component_id)],
        className="fact",
        title=hint,
    )


def _symbol_select(symbol: str, options: Sequence[Any]) -> dmc.Select:
    return dmc.Select(
        id=ids.SYMBOL,
        data=list(options),
        value=symbol,
        limit=_OFFERED_AT_ONCE,
        nothingFoundMessage="no such perpetual",
        allowDeselect=False,
        searchable=True,
        selectFirstOptionOnChange=True,
        size="xs",
        w=136,
        **attribute("aria-label", "Symbol"),
    )


def _interval_control() -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=ids.INTERVAL,
        data=[interval.value for interval in Interval],
        value=Interval.M1.value,
        size="xs",
        **attribute("aria-label", "Length of a candle"),
    )


def _feed_badge() -> Any:
    return html.Span(
        [
            html.Span("feed", className="badge-label"),
            html.Span(className="dot"),
            html.Span("CONNECTING", id=f"{ids.FEED}-name", className="badge-text"),
            html.Span(id=f"{ids.FEED}-age", className="badge-age"),
        ],
        id=ids.FEED,
        className="badge unknown",
    )
