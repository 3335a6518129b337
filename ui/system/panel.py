"""The sections of the page System; ``system.js`` fills the tables."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from ui.panels.card import attribute


def store_of(key: str) -> str:
    """Return the id of the store with a section's rows."""
    return f"system-{key}-told"


def table(
    key: str, head: Sequence[str], state_column: str = "", *, is_long: bool = False
) -> html.Div:
    """
    Return the place of a table.

    Args:
        key: Of the section.
        head: Titles of the columns; the first column names the row.
        state_column: Title of the column whose state the row's tone tells.
        is_long: Whether it scrolls in itself; such a place can be reached by the keyboard.
    """
    columns = "|".join(head)
    scrolls: Any = {"tabIndex": 0} if is_long else {}
    return html.Div(
        [
            dcc.Store(id=store_of(key)),
            html.Div(
                html.P("Not read yet.", className="empty"),
                id=f"system-{key}",
                className="system-table-box tall" if is_long else "system-table-box",
                **scrolls,
                **attribute("data-system", columns),
                **attribute("data-state", state_column),
            ),
        ]
    )


def backups() -> html.Div:
    """Return the backups with the button that makes one."""
    return html.Div(
        [
            html.Div(
                [
                    html.Button("Back up now", id="system-backup", type="button", className="use"),
                    html.Span(id="system-backup-said", role="status"),
                ],
                className="system-head",
            ),
            table("backups", ("Backup", "Age", "Size"), is_long=True),
        ]
    )


def pairs(rows: Sequence[tuple[str, str]]) -> html.Div:
    """Return names and values that do not change while the program runs."""
    body = [html.Tr([html.Td(name), html.Td(value)]) for name, value in rows]
    return html.Div(
        html.Table(html.Tbody(body), className="system-table"),
        className="system-table-box tall",
        tabIndex=0,
    )
