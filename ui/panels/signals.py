"""The signals table."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from core.journal.overview import SignalRow
from core.model.instrument import Instrument
from ui import ids
from ui.figures.numbers import decimals_of
from ui.signal_words import outcome

_THEME = (
    "themeQuartz.withParams({browserColorScheme: 'dark', "
    "backgroundColor: 'var(--panel)', foregroundColor: 'var(--text)', "
    "headerBackgroundColor: 'var(--panel)', headerTextColor: 'var(--muted)', "
    "borderColor: 'var(--line)', rowHoverColor: 'var(--raised)', accentColor: 'var(--accent)', "
    "oddRowBackgroundColor: 'var(--panel)', fontFamily: 'inherit', fontSize: 12.5, "
    "headerFontSize: 11.5, headerFontWeight: 500, rowHeight: 28, headerHeight: 28, "
    "wrapperBorder: false, wrapperBorderRadius: 0, cellHorizontalPadding: 10, spacing: 5})"
)


def signals_table() -> dag.AgGrid:
    """Return the empty table; rows are pushed."""
    return dag.AgGrid(
        id=ids.SIGNALS,
        columnDefs=_columns(),
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "filter": True, "resizable": True, "minWidth": 70},
        dashGridOptions={
            "theme": {"function": _THEME},
            "animateRows": False,
            "suppressCellFocus": True,
            "tooltipShowDelay": 300,
            "localeText": {"noRowsToShow": "No signals yet"},
        },
        className="signals-grid",
        style={"height": "100%", "width": "100%"},
    )


def signal_rows(
    signals: Sequence[SignalRow], instruments: Mapping[str, Instrument]
) -> list[dict[str, Any]]:
    """Return one plain row per signal; formatting is the browser's."""
    return [
        {
            "id": str(row.id),
            "time": row.created_at[:19].replace("T", " "),
            "symbol": row.key.symbol,
            "interval": row.key.interval.value,
            "direction": row.direction.value,
            "strength": row.strength.value.replace("_", " ").lower(),
            "score": row.score,
            "confidence": row.confidence,
            "entry": row.entry if row.entry_price is None else row.entry_price,
            "stop": row.stop,
            "target": row.target,
            "status": row.status.value if row.status else "no trade",
            "exit": row.exit_price,
            "pnl": row.pnl,
            "reasons": "; ".join(row.reasons),
            "outcome": outcome(row),
            "decimals": decimals_of(instruments.get(row.key.symbol), row.entry),
        }
        for row in signals
    ]


def signals_summary(signals: Sequence[SignalRow]) -> list[Any]:
    """Return the count beside the title."""
    if not signals:
        return []
    closed = [row for row in signals if row.pnl is not None]
    won = sum(row.pnl is not None and row.pnl > 0.0 for row in closed)
    text = f"newest {len(signals)} · {len(closed)} closed, {won} won"
    return [html.Span(text, className="muted")]


def _columns() -> list[dict[str, Any]]:
    return [
        _text("time", "Time (UTC)", 150, sort="desc"),
        _text("symbol", "Symbol", 96),
        _text("interval", "Bar", 70),
        _text("direction", "Direction", 98, cellClassRules=_DIRECTION),
        _text("strength", "Strength", 108),
        _figure("score", "Score", "two"),
        _figure("confidence", "Conf.", "whole"),
        _figure("entry", "Entry", "price", width=104),
        _figure("stop", "Stop", "price", width=104),
        _figure("target", "Target", "price", width=104),
        _text("status", "Trade", 92, tooltipField="outcome"),
        _figure("exit", "Exit", "price", width=104),
        _figure("pnl", "P&L", "money", width=92, cellClassRules=_SIGN),
        _text("reasons", "Reasons", 260, flex=1, tooltipField="reasons"),
    ]


_DIRECTION = {"up": "params.value == 'LONG'", "down": "params.value == 'SHORT'"}
_SIGN = {"up": "params.value > 0", "down": "params.value < 0"}


def _text(field: str, name: str, width: int, **more: Any) -> dict[str, Any]:
    return {"field": field, "headerName": name, "width": width} | more


def _figure(field: str, name: str, style: str, *, width: int = 78, **more: Any) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": name,
        "width": width,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": f"{style}(params)"},
    } | more
