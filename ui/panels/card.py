"""A titled region of the right column, and the pairs of label and number inside one."""

from typing import Any

from dash import html


def card(key: str, title: str, children: Any, *, part_id: str = "") -> html.Details:
    """
    Return a region that folds; ``shell.js`` remembers whether it is open.

    Args:
        key: A stable word; the region is read by the server only while it is open.
        title: Always seen.
        children: What folds away.
        part_id: Of the element around ``children``; by default ``part-<key>``.
    """
    return html.Details(
        [
            html.Summary(html.H2(title, className="card-title")),
            html.Div(
                children,
                id=part_id or f"part-{key}",
                className="card-body",
                **attribute("data-panel", key),
            ),
        ],
        open=True,
        className="card",
        **attribute("data-card", key),
    )


def figures(pairs: list[tuple[str, Any]]) -> html.Dl:
    """Return labels on the left, numbers on the right."""
    cells: list[Any] = []
    for label, value in pairs:
        cells += [html.Dt(label), html.Dd(value)]
    return html.Dl(cells, className="figures")


def attribute(name: str, value: str) -> Any:
    """Return an HTML attribute whose name is no Python keyword, to be passed with ``**``."""
    return {name: value}
