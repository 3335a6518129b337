"""Tables of the page System as data: rows of cells, each with a tone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3_600.0, 86_400.0
_TENTHS_BELOW_S = 10.0
_KILO = 1024.0


@dataclass(frozen=True, slots=True)
class Row:
    """
    Attributes:
        cells: Texts, the first is the row's name.
        tone: ``good``, ``warning``, ``critical`` or ``unknown`` where the second is a state.
    """

    cells: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Attributes:
        note: What is to be said instead of rows, or beside them.
    """

    rows: tuple[Row, ...] = ()
    note: str = ""


def told(facts: Facts) -> dict[str, Any]:
    """Return it as ``system.js`` reads it."""
    rows = [{"cells": row.cells, "tone": row.tone} for row in facts.rows]
    return {"rows": rows, "note": facts.note}


def age_words(seconds: float | None) -> str:
    """Say how long ago in one unit."""
    if seconds is None:
        return "–"  # noqa: RUF001 - a dash for what is not known, as everywhere on the page
    if seconds < 2 * _MINUTE_S:
        return f"{max(seconds, 0.0):.{1 if seconds < _TENTHS_BELOW_S else 0}f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds // _MINUTE_S:.0f} min"
    return f"{seconds // _HOUR_S:.0f} h" if seconds < 2 * _DAY_S else f"{seconds // _DAY_S:.0f} d"


def bytes_words(count: float) -> str:
    """Say a size in the unit that fits."""
    for unit in ("B", "kB", "MB"):
        if count < _KILO:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= _KILO
    return f"{count:.1f} GB"


def sentence(parts: Iterable[str]) -> str:
    """Join what is to be said, leaving out what is empty."""
    return "; ".join(part for part in parts if part)
