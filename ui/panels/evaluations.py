"""The table of all evaluations, also of those that ended in nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import dash_ag_grid as dag

from core.journal.decision_reader import DecisionLine
from core.signals.setup import setup_forming
from ui.decision.words import OUTCOMES, analyst_cell
from ui.figures.numbers import typeset
from ui.panels.grid import DIRECTION, figure_column, grid, text_column

KEY: Final = "evaluations"
"""Of the panel that is read while the table can be seen."""
GRID: Final = "decision-evaluations"
FAULT: Final = "decision-evaluations-fault"

_OUTCOME = {"warned": "params.data.isBad", "noted": "params.value.endsWith('forming')"}
_BAD = frozenset({"not_ready", "stale", "engine_down", "late"})


def evaluations_table() -> dag.AgGrid:
    """Return the empty table; rows are pushed."""
    columns = [
        text_column("time", "Bar opened (UTC)", 140),
        text_column("symbol", "Symbol", 96),
        text_column("interval", "Bar", 70),
        text_column("outcome", "Outcome", 132, cellClassRules=_OUTCOME),
        text_column("direction", "Rules", 92, cellClassRules=DIRECTION),
        figure_column("score", "Score", "two"),
        figure_column("confidence", "Conf.", "whole"),
        text_column("analyst", "DeepSeek", 170, tooltipField="analyst"),
        text_column("reason", "Reason", 260, flex=1, tooltipField="reason"),
    ]
    return grid(GRID, columns, "No evaluations yet")


def evaluation_rows(lines: Sequence[DecisionLine], threshold: float) -> list[dict[str, Any]]:
    """Return one plain row per evaluation, as given; |score| from ``threshold`` on proposes."""
    return [
        {
            "id": str(line.id),
            "time": _minute(line.key.open_time_ms),
            "symbol": line.key.symbol,
            "interval": line.key.interval.value,
            "outcome": _outcome(line, threshold),
            "isBad": line.outcome.value in _BAD,
            "direction": "" if line.direction is None else line.direction.value,
            "score": line.score,
            "confidence": line.confidence,
            "analyst": analyst_cell(line.analyst),
            "reason": typeset(line.reason),
        }
        for line in lines
    ]


def _outcome(line: DecisionLine, threshold: float) -> str:
    words = OUTCOMES[line.outcome]
    forms = line.score is not None and setup_forming(line.score, threshold)
    return f"{words}, setup forming" if forms else words


def _minute(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
