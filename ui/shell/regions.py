"""The regions of the page, and how the parts of features are put into them."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from dash import html

from core.telemetry import reason_of
from ui.feature import FAILURES, Part
from ui.panels.card import attribute, card

PAGES = (("trade", "Trade", "/"), ("performance", "Performance", "/performance"),
         ("system", "System", "/system"))  # fmt: skip
"""Key, title and path of each page; ``early.js`` spells the same."""

logger = logging.getLogger(__name__)


def built(part: Part) -> Any:
    """Build a part; one that fails is a line that says why, so that the others are shown."""
    try:
        return part.build()
    except FAILURES as error:
        logger.exception("a part of the page could not be built: part=%s", part.key)
        words = f"{part.title or part.key} cannot be shown: {reason_of(error)}"
        return html.P(words, className="fault", role="status")


def placed(part: Part, **more: Any) -> html.Div:
    """Return a part in its element."""
    return html.Div(built(part), id=f"part-{part.key}", **attribute("data-panel", part.key), **more)


def cards(parts: Iterable[Part]) -> list[Any]:
    """Return parts as cards that fold."""
    return [card(part.key, part.title, built(part)) for part in parts]


def sections(parts: Iterable[Part]) -> list[Any]:
    """Return parts as titled sections of a page."""
    return [
        html.Section(
            [html.H2(part.title, className="section-title"), placed(part)],
            className="section",
            **attribute("data-section", part.key),
        )
        for part in parts
    ]


def paper(key: str, children: Sequence[Any]) -> html.Main:
    """Return a page besides Trade; it is displayed while its address is shown."""
    return html.Main(children, id=f"page-{key}", className=f"paper {key}")


def bottom(parts: Sequence[Part], beside: Sequence[Any]) -> html.Section:
    """
    Return the tabs below the chart; ``shell.js`` shows one of them.

    Args:
        parts: One per tab, the first is shown until the viewer says otherwise.
        beside: Shown right of the tabs.
    """
    return html.Section(
        [
            html.Div(
                id="bottom-edge",
                role="separator",
                tabIndex=0,
                title="Drag, or use the arrow keys, to change the height",
                **attribute("aria-label", "Height of the tables"),
                **attribute("aria-orientation", "horizontal"),
            ),
            html.Div(
                [
                    html.Div(
                        [_tab(part, is_shown=i == 0) for i, part in enumerate(parts)],
                        role="tablist",
                        id="tabs",
                        **attribute("aria-label", "Tables below the chart"),
                    ),
                    *beside,
                    fold_button("bottom", "the tables"),
                ],
                className="tabs-head",
            ),
            *(_panel(part, is_shown=i == 0) for i, part in enumerate(parts)),
        ],
        className="bottom",
        **attribute("aria-label", "Tables"),
    )


def fold_button(region: str, words: str) -> html.Button:
    """Return the button that folds a region to a rail, and unfolds it."""
    return html.Button(
        className=f"fold fold-{region}",
        type="button",
        title=f"Fold {words} away, or show them again",
        **attribute("data-fold", region),
        **attribute("aria-label", f"Fold {words}"),
    )


def _tab(part: Part, *, is_shown: bool) -> html.Button:
    return html.Button(
        part.title,
        id=f"tab-{part.key}",
        role="tab",
        type="button",
        tabIndex=0 if is_shown else -1,
        className="tab",
        **attribute("data-tab", part.key),
        **attribute("aria-selected", str(is_shown).lower()),
        **attribute("aria-controls", f"part-{part.key}"),
    )


def _panel(part: Part, *, is_shown: bool) -> html.Div:
    labelled = attribute("aria-labelledby", f"tab-{part.key}")
    return placed(part, role="tabpanel", hidden=not is_shown, className="tab-panel", **labelled)
