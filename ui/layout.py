"""The component tree of the page."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import dcc, html

from ui import ids
from ui.feature import Feature, Part, Place, parts_of
from ui.panels.card import attribute, card
from ui.panels.chart import chart_panel
from ui.panels.feed import feed_panel
from ui.panels.header import header
from ui.panels.overlays import overlay_picker
from ui.panels.regime import regime_card
from ui.panels.signals import signals_table
from ui.services import Services, followed_symbols
from ui.theme import MANTINE_DARK

_THEME = {
    "fontFamily": "inherit",
    "primaryColor": "blue",
    "defaultRadius": 4,
    "colors": {"dark": list(MANTINE_DARK)},
}


def page(services: Services, features: Sequence[Feature] = (), action_token: str = "") -> Any:
    """
    Return a fresh page with an identity of its own.

    Args:
        services: What the page is built on.
        features: What it is put together from besides the chart.
        action_token: What requests that change something must carry.
    """
    symbols = followed_symbols(services)
    if not symbols:
        return _waiting()
    return dmc.MantineProvider(
        html.Div(
            [
                *_state(),
                html.Div(id=ids.ACTION_KEY, hidden=True, **attribute("data-token", action_token)),
                *(_placed(part) for part in parts_of(features, Place.ASIDE)),
                header(symbols, services.settings.symbols),
                html.Div(id=ids.CONNECTION, className="notice critical", hidden=True),
                html.Div(id=ids.NOTICES),
                html.Div(
                    [
                        html.Aside(overlay_picker(services.overlays), className="side left"),
                        chart_panel(),
                        html.Aside(
                            [
                                *(_placed(part) for part in parts_of(features, Place.RIGHT)),
                                *_cards(),
                            ],
                            className="side right",
                        ),
                    ],
                    className="middle",
                ),
                _signals(services),
            ],
            className="page",
        ),
        forceColorScheme="dark",
        theme=_THEME,
    )


def _placed(part: Part) -> Any:
    return html.Div(part.build(), id=f"part-{part.key}", **attribute("data-panel", part.key))


def _waiting() -> html.Div:
    """Return what is shown while only the exchange could tell what there is to show."""
    return html.Div(
        [
            html.Meta(httpEquiv="refresh", content="2"),
            "Asking the exchange which symbols there are. This page loads itself again.",
        ],
        className="notice",
    )


def _state() -> list[Any]:
    return [
        dcc.Store(id=ids.PAGE, data=uuid4().hex),
        dcc.Store(id=ids.WAKE),
        dcc.Store(id=ids.SHOWN),
        dcc.Store(id=ids.LOOK, storage_type="local"),
        dcc.Store(id=ids.LIVE),
        dcc.Store(id=ids.ANSWER),
        dcc.Store(id=ids.PUSHED),
    ]


def _cards() -> list[Any]:
    waiting = html.P("Not read yet.", className="empty")
    return [
        regime_card(),
        card("Feature Performance Telemetry", waiting, component_id=ids.TELEMETRY_CARD),
        card("Feed", feed_panel(), component_id=ids.FEED_CARD),
        card("Candle cache", waiting, component_id=ids.CACHE_CARD),
    ]


def _signals(services: Services) -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Signals", className="card-title"),
                    html.Span(id=ids.SIGNALS_SUMMARY),
                    html.Span(
                        id=ids.NEXT_EVALUATION,
                        className="muted",
                        **attribute("data-interval", services.settings.signals.interval.value),
                    ),
                ],
                className="section-head",
            ),
            html.Div(signals_table(), className="grid-box"),
        ],
        className="bottom",
    )
