"""The line across the top: what is watched, its price and clock, and who is at work."""

from typing import Any

import dash_mantine_components as dmc
from dash import html

from core.model.intervals import Interval
from ui import ids
from ui.figures.numbers import UNKNOWN
from ui.panels.card import attribute


def header(symbols: tuple[str, ...], configured: tuple[str, ...]) -> html.Header:
    """
    Return the header; its live parts are empty and filled by scripts.

    Args:
        symbols: What can be chosen.
        configured: The list in the configuration; a viewer's choice is kept until that changes.
    """
    return html.Header(
        [
            html.Div([_mark(), html.Span("DeepSeek", className="brand")], className="brand-box"),
            _symbol_select(symbols, configured),
            html.Div(
                [
                    html.Span(id=f"{ids.PRICE}-value", className="price-value"),
                    html.Span(id=f"{ids.PRICE}-arrow", className="price-arrow"),
                ],
                id=ids.PRICE,
                className="price",
                title="Last price",
            ),
            _interval_control(),
            html.Div(
                [
                    html.Span("closes in", className="label"),
                    html.Span(UNKNOWN, id=ids.COUNTDOWN),
                ],
                className="clock countdown",
            ),
            html.Div(className="spacer"),
            html.Span(id=ids.MARKET_LABEL, className="market-label", hidden=True),
            html.Div(
                [html.Span(UNKNOWN, id=ids.MARKET_TIME), html.Span("UTC", className="label")],
                className="clock",
                title="Market time, as the feed tells it",
            ),
            html.Div(_feed_badge(), className="badges"),
            html.Div(id=ids.ENGINE, className="badges"),
        ],
        className="header",
    )


def _mark() -> html.Span:
    return html.Span(className="mark", **attribute("aria-hidden", "true"))


def _symbol_select(symbols: tuple[str, ...], configured: tuple[str, ...]) -> dmc.Select:
    return dmc.Select(
        id=ids.SYMBOL,
        data=list(symbols),
        value=symbols[0],
        limit=100,  # of more a browser is slow to open the list; the search finds the others
        nothingFoundMessage="not followed",
        allowDeselect=False,
        searchable=True,
        size="xs",
        w=144,
        persistence=",".join(configured) or True,
        persistence_type="local",
        **attribute("aria-label", "Symbol"),
    )


def _interval_control() -> dmc.SegmentedControl:
    return dmc.SegmentedControl(
        id=ids.INTERVAL,
        data=[interval.value for interval in Interval],
        value=Interval.M1.value,
        size="xs",
        persistence=True,
        persistence_type="local",
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
