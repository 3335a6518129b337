"""The component tree of the page."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import dcc, html

from ui import ids
from ui.feature import Feature, Part, Place, parts_of
from ui.panels.card import attribute
from ui.panels.chart import chart_panel
from ui.panels.feed import feed_panel
from ui.panels.header import header
from ui.panels.overlays import overlay_picker
from ui.panels.regime import regime_card
from ui.panels.signals import signals_table
from ui.services import Services, followed_symbols
from ui.shell.dialogs import help_dialog
from ui.shell.regions import bottom, cards, fold_button, paper, placed, sections
from ui.shell.symbols import symbol_options
from ui.shell.toolbar import toolbar
from ui.theme import MANTINE_DARK

_THEME = {
    "fontFamily": "inherit",
    "primaryColor": "blue",
    "defaultRadius": 4,
    "colors": {"dark": list(MANTINE_DARK)},
}
_WAITING = "Not read yet."


def page(services: Services, features: Sequence[Feature] = (), action_token: str = "") -> Any:
    """
    Return a fresh page with an identity of its own.

    All pages are one tree: which of them is displayed is the script's and the style sheet's
    matter, so that the chart stays what it was when the viewer comes back.

    Args:
        services: What the page is built on.
        features: What it is put together from besides the chart.
        action_token: What requests that change something must carry.
    """
    symbols = followed_symbols(services)
    if not symbols:
        return _waiting(features, action_token)
    options = symbol_options(symbols, services.feed.instruments)
    return dmc.MantineProvider(
        html.Div(
            [
                *_state(),
                _action_key(action_token),
                header(symbols[0], options, parts_of(features, Place.HEADER)),
                html.Div(id=ids.CONNECTION, className="notice critical", hidden=True),
                html.Div(id=ids.NOTICES),
                *(placed(part) for part in parts_of(features, Place.ASIDE)),
                _trade(services, features),
                paper("performance", _performance(features)),
                paper("system", _system(features)),
                help_dialog(),
            ],
            className="page",
        ),
        id=ids.MANTINE,
        forceColorScheme="dark",
        theme=_THEME,
    )


def _waiting(features: Sequence[Feature], action_token: str) -> html.Div:
    """
    Return what is shown while only the exchange could tell what there is to show.

    ``waiting.js`` loads it again, but not under a dialog: everything can be stopped here too.
    """
    always = [
        placed(part)
        for place in (Place.HEADER, Place.ASIDE)
        for part in parts_of(features, place)
        if part.always
    ]
    return html.Div(
        [
            _action_key(action_token),
            html.P("Asking the exchange which symbols there are. This page loads itself again."),
            *always,
        ],
        id="waiting",
        className="notice waiting",
    )


def _action_key(token: str) -> html.Div:
    return html.Div(id=ids.ACTION_KEY, hidden=True, **attribute("data-token", token))


def _state() -> list[Any]:
    return [
        dcc.Store(id=ids.PAGE, data=uuid4().hex),
        dcc.Store(id=ids.WAKE),
        dcc.Store(id=ids.SHOWN),
        dcc.Store(id=ids.LOOK, storage_type="local"),
        dcc.Store(id=ids.LIVE),
        dcc.Store(id=ids.PUSHED),
        dcc.Store(id=ids.HEADER_FACTS),
        dcc.Store(id=ids.PANEL_FAULTS),
    ]


def _trade(services: Services, features: Sequence[Feature]) -> html.Div:
    over_chart = [placed(part) for part in parts_of(features, Place.CHART)]
    return html.Div(
        [
            html.Aside(
                [fold_button("left", "the overlays"), overlay_picker(services.overlays)],
                className="side left",
                **attribute("aria-label", "Chart Overlays"),
            ),
            toolbar(parts_of(features, Place.TOOLS)),
            chart_panel(over_chart),
            html.Aside(
                [fold_button("right", "the cards"), *_cards(features)],
                className="side right",
                **attribute("aria-label", "Decision, regime and telemetry"),
            ),
            bottom(
                [_signals_part(), *parts_of(features, Place.TAB)],
                [
                    html.Span(id=ids.SIGNALS_SUMMARY, className="summary"),
                    html.Span(
                        id=ids.NEXT_EVALUATION,
                        className="muted",
                        **attribute("data-interval", services.settings.signals.interval.value),
                    ),
                ],
            ),
        ],
        id="page-trade",
        className="trade",
    )


def _cards(features: Sequence[Feature]) -> list[Any]:
    """Return the right column; parts of features stand before, between and after by order."""
    own = [
        Part(Place.RIGHT, "regime", regime_card, "Market regime", order=30),
        Part(Place.RIGHT, "telemetry", _telemetry, "Feature Performance Telemetry", order=70),
    ]
    return cards(sorted([*own, *parts_of(features, Place.RIGHT)], key=lambda part: part.order))


def _telemetry() -> html.Div:
    return html.Div(html.P(_WAITING, className="empty"), id=ids.TELEMETRY_CARD)


def _signals_part() -> Part:
    return Part(Place.TAB, "signals", signals_table, "Signals", order=0)


def _performance(features: Sequence[Feature]) -> list[Any]:
    found = sections(parts_of(features, Place.PERFORMANCE))
    return [html.H1("Performance", className="paper-title"), *found]


def _system(features: Sequence[Feature]) -> list[Any]:
    own = [
        Part(Place.SYSTEM, "feed", lambda: html.Div(feed_panel(), id=ids.FEED_CARD), "Feed", 40),
        Part(Place.SYSTEM, "cache", _cache, "Candle cache", order=45),
    ]
    parts = sorted([*own, *parts_of(features, Place.SYSTEM)], key=lambda part: part.order)
    return [html.H1("System", className="paper-title"), *sections(parts)]


def _cache() -> html.Div:
    return html.Div(html.P(_WAITING, className="empty"), id=ids.CACHE_CARD)
