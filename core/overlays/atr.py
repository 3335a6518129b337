"""The average true range in a pane of its own."""

from dataclasses import dataclass

from core.indicators.anchored_values import anchored_values, wilder_memory
from core.indicators.anchoring import warm_up
from core.indicators.volatility import atr
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class AtrParams(Bounded):
    """Of the mean."""

    period: int = parameter(14, 2, 100, "candles", "of the running mean")


def atr_shapes(view: MarketView, params: AtrParams) -> tuple[Shape, ...]:
    """
    Return the line, in price units; values come from runs anchored to the clock.

    Up to period 33 they are those of one run over all of history; period 100 was within 2e-5
    of it, relatively, on recorded markets.
    """
    candles, period = view.candles, params.period
    (y,) = anchored_values(
        candles,
        wilder_memory(period),
        lambda rows: (atr(candles.high[rows], candles.low[rows], candles.close[rows], period),),
    )
    return (Line("ATR", y, tone=Tone.FIRST),)


OVERLAY = Overlay(
    key="atr",
    title="ATR",
    pane=Pane.OSCILLATOR,
    explanation=(
        "How far price travels in one candle, in price units: the height of each candle, counted "
        "from the close before it where price jumped, smoothed over the last candles. It says "
        "how much room a stop needs and how large a move is for this market at this time, and "
        "nothing about direction. One wild candle lifts it for about a period. Each value is "
        "known when its candle closes."
    ),
    source=(
        "J. W. Wilder, New Concepts in Technical Trading Systems (1978), section III; "
        "as by TA-Lib and Stock.Indicators"
    ),
    defaults=AtrParams(),
    compute=atr_shapes,
    warm_up_candles=lambda params, interval: warm_up(wilder_memory(params.period)),
    group=Group.MOMENTUM,
)
