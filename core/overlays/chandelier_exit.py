"""Chandelier Exit on the chart: both stops, which of them is in force, and its turns."""

from dataclasses import dataclass

import numpy as np

from core.indicators.chandelier import CARRIED_CANDLES, ChandelierExit, chandelier_exit
from core.model.candles import CandleSeries
from core.model.events import Look, Markers
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Shape, Tone

# Wilder's ATR keeps (1 - 1/period) ** n of its first value after n candles: 3e-12 of it here,
# and that already where the oldest close lies that may decide the side. A window may begin
# beside a wick of a hundred times the price, and its stops are still those of all of history.
_MEMORY_PERIODS = 26


@dataclass(frozen=True, slots=True)
class ChandelierParams(Bounded):
    """Of the stops."""

    period: int = parameter(22, 2, 50, "candles", "of the extremes and the average true range")
    multiplier: float = parameter(3.0, 0.5, 20.0, "ATR", "distance of the stop from the extreme")


def chandelier_shapes(view: MarketView, params: ChandelierParams) -> tuple[Shape, ...]:
    """Return the long stop, the short stop, then the turns up and the turns down."""
    candles = view.candles
    exits = chandelier_exit(
        candles.high, candles.low, candles.close, params.period, params.multiplier
    )
    return (
        Line("Chandelier long", exits.long, np.maximum(exits.direction, 0), Tone.UP),
        Line("Chandelier short", exits.short, np.minimum(exits.direction, 0), Tone.DOWN),
        _turns("Chandelier turns up", candles, exits, side=1),
        _turns("Chandelier turns down", candles, exits, side=-1),
    )


def _turns(name: str, candles: CandleSeries, exits: ChandelierExit, *, side: int) -> Markers:
    """Mark where ``side`` comes into force, on its stop."""
    now = exits.direction == side
    rows = np.flatnonzero(now[1:] & ~now[:-1]) + 1
    at_ms = candles.open_time_ms[rows]
    return Markers(
        name,
        Look.DOT,
        side=np.full(rows.size, side, dtype=np.int8),
        at_ms=at_ms,
        confirmed_ms=at_ms + candles.interval.duration_ms - 1,
        price=(exits.long if side > 0 else exits.short)[rows],
    )


OVERLAY = Overlay(
    key="chandelier_exit",
    title="Chandelier Exit",
    pane=Pane.PRICE,
    explanation=(
        "Two stops: one hangs three average true ranges below the highest high of the last 22 "
        "candles, for long positions, the other stands as far above the lowest low, for short "
        "ones. A close beyond the stop of the other side puts a side in force, and its stop is "
        "drawn strongly; that close is when a turn is known. In a wide market, where the two "
        "stops have crossed, only a close beyond both turns it. The stop says where a trend "
        "would be given up, not where price goes: in a range it turns often and late. A side "
        f"that no close has confirmed for {CARRIED_CANDLES} candles is no longer in force."
    ),
    source=(
        "Charles Le Beau; stops as computed by TA-Lib (MAX, MIN and Wilder's ATR) and "
        "Stock.Indicators"
    ),
    defaults=ChandelierParams(),
    compute=chandelier_shapes,
    warm_up_candles=lambda params, interval: _MEMORY_PERIODS * params.period + CARRIED_CANDLES,
)
