"""
How figures are written down: Plotly's own JSON, as plain dicts and lists.

Measured at 500 candles with six traces: a validated ``go.Figure`` costs 24 ms to
build and serialise, its first use 270 ms and 43 MB; the same figure as a dict 1 ms.
The tests validate every figure through ``go.Figure`` instead.
"""

from collections.abc import Iterable
from math import isnan
from typing import Any, TypeAlias

import msgspec
import numpy as np

from core.model.candles import FloatArray, TimeArray

Figure: TypeAlias = dict[str, Any]
Trace: TypeAlias = dict[str, Any]


def times(open_time_ms: TimeArray) -> list[int]:
    """Epoch milliseconds: a Plotly date axis takes them as UTC, and scripts need no parsing."""
    return [int(value) for value in open_time_ms.tolist()]


def values(column: FloatArray, decimals: int | None = None) -> list[float | None]:
    """Numbers with NaN as a gap; rounded where more digits would only cost bytes."""
    rounded = column if decimals is None else np.round(column, decimals)
    return [None if isnan(value) else value for value in rounded.tolist()]


def lines(parts: Iterable[str]) -> str:
    """Hover text: one line each, with nothing in it that Plotly would take for markup."""
    return "<br>".join(
        part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for part in parts
    )


def encoded(figure: Figure) -> bytes:
    """Return the JSON of a figure; eight times as quick as Plotly's encoder."""
    return msgspec.json.encode(figure)
