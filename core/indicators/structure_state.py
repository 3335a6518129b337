"""Where structure stands at the newest candle, read from what the smart-money overlay drew."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.model.candles import CandleSeries
from core.model.events import NEVER_MS, Markers, Zones
from core.model.shapes import Shape

BREAK_UP, BREAK_DOWN = "BOS up", "BOS down"
TURN_UP, TURN_DOWN = "CHoCH up", "CHoCH down"
GAP_UP, GAP_DOWN = "Bullish FVG", "Bearish FVG"
BLOCK_UP, BLOCK_DOWN = "Bullish order block", "Bearish order block"


@dataclass(frozen=True, slots=True)
class LastBreak:
    """
    The newest break of structure.

    Attributes:
        side: +1 up, -1 down.
        candles_ago: 0 where the newest candle broke.
        turned: Whether it was a change of character.
    """

    side: int
    candles_ago: int
    turned: bool


@dataclass(frozen=True, slots=True)
class StructureState:
    """
    Of one instant; distances in price from the newest close, 0 inside a range.

    Attributes:
        last_break: None where none is remembered.
        gap_below, gap_above: To the near edge of the nearest fair value gap that price has
            not come back to; bullish ones below, bearish ones above. None where none lives.
        block_below, block_above: Likewise of order blocks that no close has passed through.
    """

    last_break: LastBreak | None
    gap_below: float | None
    gap_above: float | None
    block_below: float | None
    block_above: float | None


def structure_state(
    shapes: Iterable[Shape], candles: CandleSeries, memory_candles: int
) -> StructureState:
    """
    Sum up the shapes of the smart-money overlay.

    Args:
        shapes: What it drew for ``candles``; others are not looked at.
        candles: At least one.
        memory_candles: How far back a break still counts; one before a hole does not.
    """
    tables = {shape.name: shape for shape in shapes if isinstance(shape, Markers | Zones)}
    close = float(candles.close[-1])
    return StructureState(
        _last_break(tables, candles, memory_candles),
        *(_nearest(tables.get(name), close) for name in (GAP_UP, GAP_DOWN, BLOCK_UP, BLOCK_DOWN)),
    )


def _last_break(
    tables: dict[str, Markers | Zones], candles: CandleSeries, memory_candles: int
) -> LastBreak | None:
    newest: tuple[int, int, bool] | None = None
    for name, side, turned in (
        (BREAK_UP, 1, False),
        (BREAK_DOWN, -1, False),
        (TURN_UP, 1, True),
        (TURN_DOWN, -1, True),
    ):
        table = tables.get(name)
        if isinstance(table, Markers) and len(table):
            found = (int(table.at_ms[-1]), side, turned)
            newest = found if newest is None else max(newest, found)
    if newest is None:
        return None
    at_ms, side, turned = newest
    rows_ago = len(candles) - 1 - int(np.searchsorted(candles.open_time_ms, at_ms))
    elapsed = (int(candles.open_time_ms[-1]) - at_ms) // candles.interval.duration_ms
    if rows_ago > memory_candles or rows_ago != elapsed:
        return None
    return LastBreak(side, rows_ago, turned)


def _nearest(zones: Markers | Zones | None, close: float) -> float | None:
    if not isinstance(zones, Zones):
        return None
    lives = zones.ended_ms == NEVER_MS
    if not bool(lives.any()):
        return None
    # At most one of the two is positive; inside the range neither is.
    distance = np.maximum(close - zones.high[lives], zones.low[lives] - close)
    return max(float(distance.min()), 0.0)
