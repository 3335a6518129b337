"""Supertrend on the chart: the band, coloured by its side, and a marker at each flip."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.indicators.anchoring import anchored_runs, warm_up
from core.indicators.supertrend import supertrend
from core.model.candles import CandleSeries, FloatArray
from core.model.events import Look, Markers
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Shape

# Wilder's ATR keeps (1 - 1/period) ** n of its first value after n candles: 4e-11 after 24
# periods. The band forgets when it is reset, usually at a flip. In 3,610 blocks of recorded
# markets (eight perpetuals, 1m to 1h) no value differed from one run over full history by
# more than 4e-12; after 21 periods one block differed by 2e-9. Where a market is so still
# that the band has not forgotten, a bar's value still does not depend on the window; it may
# then differ from one run over all of history.
_MEMORY_PERIODS = 24


@dataclass(frozen=True, slots=True)
class SupertrendParams(Bounded):
    """Of the band."""

    period: int = parameter(10, 2, 50, "candles", "of the average true range")
    multiplier: float = parameter(3.0, 0.5, 20.0, "ATR", "distance of the band from price")


def supertrend_shapes(view: MarketView, params: SupertrendParams) -> tuple[Shape, ...]:
    """
    Return the line with its direction, then the flips up and the flips down.

    Values come from runs anchored to the clock (`core.indicators.anchoring`), so where
    the view begins does not matter after the warm-up.
    """
    candles = view.candles
    high, low, close = candles.high, candles.low, candles.close
    value = np.empty(len(candles))
    direction = np.empty(len(candles), dtype=np.int8)
    runs = anchored_runs(candles.open_time_ms, candles.interval, _memory(params))
    # A flip is one of its own run, never a seam between two.
    before_seam = []
    for start, first, stop in runs:
        rows, own = slice(start, stop), first - start
        line, side = supertrend(
            high[rows], low[rows], close[rows], params.period, params.multiplier
        )
        value[first:stop] = line[own:]
        direction[first:stop] = side[own:]
        before_seam.append(side[own - 1] if own > 0 else 0)
    before = np.empty_like(direction)
    before[1:] = direction[:-1]
    before[[run.first for run in runs]] = before_seam
    flips = np.flatnonzero((before != direction) & (before != 0))
    return (
        Line("Supertrend", value, direction),
        _turns("Supertrend turns up", candles, value, flips[direction[flips] > 0], side=1),
        _turns("Supertrend turns down", candles, value, flips[direction[flips] < 0], side=-1),
    )


def _turns(
    name: str,
    candles: CandleSeries,
    value: FloatArray,
    rows: npt.NDArray[np.intp],
    *,
    side: int,
) -> Markers:
    at_ms = candles.open_time_ms[rows]
    return Markers(
        name,
        Look.DOT,
        side=np.full(rows.size, side, dtype=np.int8),
        at_ms=at_ms,
        confirmed_ms=at_ms + candles.interval.duration_ms - 1,
        price=value[rows],
    )


def _memory(params: SupertrendParams) -> int:
    return _MEMORY_PERIODS * params.period


OVERLAY = Overlay(
    key="supertrend",
    title="Supertrend",
    pane=Pane.PRICE,
    explanation=(
        "A band a few average true ranges away from price that only ever moves towards it. "
        "Below price it marks an up trend, above price a down trend; it changes sides when a "
        "candle closes through it, and that close is when a turn is known. It follows price and "
        "so turns late, some average true ranges after the extreme; in a range it turns often "
        "and mostly for nothing."
    ),
    source="Olivier Seban; computed as by TA-Lib 0.8 and Stock.Indicators",
    defaults=SupertrendParams(),
    compute=supertrend_shapes,
    warm_up_candles=lambda params, interval: warm_up(_memory(params)),
)
