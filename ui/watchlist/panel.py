"""The tab with all that is followed; ``watchlist.js`` fills it."""

from typing import Any

from dash import dcc, html

from ui.panels.card import attribute
from ui.panels.grid import SIGN, figure_column, grid, text_column

ROWS = "watchlist-rows"
GRID = "watchlist-grid"


def watchlist_tab() -> html.Div:
    """Return the tab, empty."""
    return html.Div(
        [
            dcc.Store(id=ROWS),
            html.Div(
                [
                    html.Span(id="watchlist-filter-box"),
                    html.Span(id="watchlist-count", className="muted", role="status"),
                    html.Span(id="watchlist-fault", className="warned"),
                ],
                className="watchlist-head",
            ),
            html.Div(
                grid(GRID, _columns(), "No symbol of that name is followed"),
                className="watchlist-box",
                **attribute("aria-label", "What is followed; Enter shows a row on the chart"),
            ),
        ],
        className="watchlist-tab",
    )


def _columns() -> list[dict[str, Any]]:
    shown = {"watchlist-shown": "params.data.shown == true"}
    arrows = {"cellRenderer": "WatchlistArrows", "filter": False}
    return [
        text_column("symbol", "Symbol", 128, cellClassRules=shown, pinned="left"),
        figure_column("last", "Last", "price", width=104),
        figure_column("change", "24 h %", "two", width=84, cellClassRules=SIGN),
        text_column(
            "line", "Last day", 132,
            cellRenderer="WatchlistSpark", sortable=False, filter=False, resizable=False,
        ),
        text_column("regime", "Regime", 104),
        text_column("aligned", "1m → 1d", 116, **arrows),
        figure_column("score", "Score", "two", width=78, cellClassRules=SIGN),
        text_column(
            "signal_ms", "Last signal (UTC)", 150, flex=1, minWidth=130,
            valueFormatter={"function": "watchlistSignal(params)"}, filter=False,
            cellClassRules={
                "up": "params.data.signal == 'LONG'", "down": "params.data.signal == 'SHORT'",
            },
        ),
        figure_column("funding", "Funding %", "funding", width=104),
    ]  # fmt: skip
