"""The bar above the chart: what acts is at hand, how the chart looks may fold into a menu."""

from collections.abc import Iterable
from typing import Any

from dash import html

from ui.feature import Part
from ui.panels.card import attribute
from ui.shell.regions import placed

_VIEW_FROM = 40
_ROW_FROM = 90


def toolbar(parts: Iterable[Part]) -> html.Div:
    """
    Return the bar; a part's order says where it stands.

    Args:
        parts: Below 40 they are always at hand (drawing, trading); from 40 on they change how the
            chart looks and, where the window is narrow, are behind the button that
            ``tools_menu.js`` opens, each under its title; from 90 on they take a row of their own.
    """
    at_hand: list[Any] = []
    view: list[Any] = []
    rows: list[Any] = []
    for part in parts:
        if part.order < _VIEW_FROM:
            at_hand.append(placed(part))
        elif part.order < _ROW_FROM:
            view.append(placed(part, **attribute("data-caption", part.title)))
        else:
            rows.append(placed(part))
    menu = [_opener(), html.Div(view, id="tools-menu", className="tools-menu")] if view else []
    children = [*at_hand, *menu, *rows]
    return html.Div(
        children,
        className="tools",
        role="toolbar",
        hidden=not children,
        **attribute("aria-label", "Chart tools"),
    )


def _opener() -> html.Button:
    return html.Button(
        "View",
        id="tools-more",
        type="button",
        className="use tools-more",
        title="How the chart looks: scale, panes, replay, picture, layout",
        **attribute("aria-expanded", "false"),
        **attribute("aria-controls", "tools-menu"),
    )
