"""Tables of the page: one look, and columns of text and of figures."""

from typing import Any, Final

import dash_ag_grid as dag

_THEME = (
    "themeQuartz.withParams({browserColorScheme: 'inherit', "
    "backgroundColor: 'var(--panel)', foregroundColor: 'var(--text)', "
    "headerBackgroundColor: 'var(--panel)', headerTextColor: 'var(--muted)', "
    "borderColor: 'var(--line)', rowHoverColor: 'var(--raised)', accentColor: 'var(--accent)', "
    "oddRowBackgroundColor: 'var(--panel)', fontFamily: 'inherit', fontSize: 12.5, "
    "headerFontSize: 11.5, headerFontWeight: 500, rowHeight: 28, headerHeight: 28, "
    "wrapperBorder: false, wrapperBorderRadius: 0, cellHorizontalPadding: 10, spacing: 5})"
)
DIRECTION: Final = {"up": "params.value == 'LONG'", "down": "params.value == 'SHORT'"}
SIGN: Final = {"up": "params.value > 0", "down": "params.value < 0"}
"""Rules of the style of a cell."""


def grid(grid_id: str, columns: list[dict[str, Any]], nothing: str) -> dag.AgGrid:
    """
    Return an empty table; rows are pushed, and each has an ``id``.

    Args:
        grid_id: Component id.
        columns: Definitions.
        nothing: Said while there is no row.
    """
    return dag.AgGrid(
        id=grid_id,
        columnDefs=columns,
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "filter": True, "resizable": True, "minWidth": 70},
        dashGridOptions={
            "theme": {"function": _THEME},
            "animateRows": False,
            "tooltipShowDelay": 300,
            "localeText": {"noRowsToShow": nothing},
        },
        className="signals-grid",
        style={"height": "100%", "width": "100%"},
    )


def text_column(field: str, name: str, width: int, **more: Any) -> dict[str, Any]:
    """Return a column of words."""
    return {"field": field, "headerName": name, "width": width} | more


def figure_column(
    field: str, name: str, style: str, *, width: int = 78, **more: Any
) -> dict[str, Any]:
    """Return a column of numbers; ``style`` is a formatter of ``numbers.js``."""
    return {
        "field": field,
        "headerName": name,
        "width": width,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": f"{style}(params)"},
    } | more
