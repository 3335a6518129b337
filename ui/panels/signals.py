"""The signals table."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from core.journal.overview import SignalRow
from core.model.instrument import Instrument
from ui import ids
from ui.figures.numbers import decimals_of, typeset
from ui.panels import evaluations
from ui.panels.card import attribute
from ui.panels.grid import DIRECTION, SIGN, figure_column, grid, text_column
from ui.signal_words import outcome


def signals_table() -> html.Div:
    """Return the tables of signals and of all evaluations; ``verdict_lists.js`` switches."""
    return html.Div(
        [
            html.Div(
                [_switch("signals", "Signals", is_on=True), _switch("all", "All evaluations")],
                className="decision-lists",
                role="group",
                **attribute("aria-label", "Which evaluations are listed"),
            ),
            html.Div(_grid(), id="decision-list-signals", className="decision-list"),
            html.Div(
                [html.P(id=evaluations.FAULT, className="alarm"), evaluations.evaluations_table()],
                id="decision-list-all",
                className="decision-list",
                hidden=True,
                **attribute("data-panel", evaluations.KEY),
            ),
        ],
        className="decision-tab",
    )


def _switch(key: str, text: str, *, is_on: bool = False) -> html.Button:
    return html.Button(
        text,
        type="button",
        className="decision-switch",
        **attribute("data-decision-list", key),
        **attribute("aria-pressed", str(is_on).lower()),
    )


def _grid() -> dag.AgGrid:
    return grid(ids.SIGNALS, _columns(), "No signals yet")


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
            "reasons": typeset("; ".join(row.reasons)),
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
        text_column("time", "Time (UTC)", 150, sort="desc"),
        text_column("symbol", "Symbol", 96),
        text_column("interval", "Bar", 70),
        text_column("direction", "Direction", 98, cellClassRules=DIRECTION),
        text_column("strength", "Strength", 108),
        figure_column("score", "Score", "two"),
        figure_column("confidence", "Conf.", "whole"),
        figure_column("entry", "Entry", "price", width=104),
        figure_column("stop", "Stop", "price", width=104),
        figure_column("target", "Target", "price", width=104),
        text_column("status", "Trade", 92, tooltipField="outcome"),
        figure_column("exit", "Exit", "price", width=104),
        figure_column("pnl", "P&L", "money", width=92, cellClassRules=SIGN),
        text_column("reasons", "Reasons", 260, flex=1, tooltipField="reasons"),
    ]
