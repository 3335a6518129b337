"""A titled region of the side columns, and the pairs of label and number inside it."""

from typing import Any

from dash import html


def card(title: str, children: Any, *, component_id: str) -> html.Section:
    """Return a region; what is inside may be replaced by its id."""
    return html.Section(
        [html.H2(title, className="card-title"), html.Div(children, id=component_id)],
        className="card",
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
