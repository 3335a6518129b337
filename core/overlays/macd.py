"""Moving average convergence and divergence in a pane of its own."""

from dataclasses import dataclass

import numpy as np

from core.indicators.anchored_values import LONGEST_MEMORY, anchored_values, ema_memory
from core.indicators.anchoring import warm_up
from core.indicators.momentum import macd
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Bars, Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class MacdParams(Bounded):
    """
    Periods of the averages.

    Raises:
        ValueError: On construction, where one is out of bounds or ``fast`` not below ``slow``.
    """

    fast: int = parameter(12, 2, 100, "candles", "of the faster average of closes")
    slow: int = parameter(26, 3, 200, "candles", "of the slower average of closes")
    signal: int = parameter(9, 2, 100, "candles", "of the average of their difference")

    def __post_init__(self) -> None:
        Bounded.__post_init__(self)
        if not self.fast < self.slow:
            raise ValueError(f"fast must be below slow, were {self.fast} and {self.slow}")


def macd_shapes(view: MarketView, params: MacdParams) -> tuple[Shape, ...]:
    """
    Return the histogram, then line and signal; values come from runs anchored to the clock.

    The histogram crosses zero, where no relative tolerance would hold: anchored runs make it
    the same in every window, to the bit.
    """
    close = view.candles.close
    line, signal, histogram = anchored_values(
        view.candles,
        _memory(params),
        lambda rows: macd(close[rows], params.fast, params.slow, params.signal),
    )
    above, below = histogram > 0.0, histogram < 0.0
    return (
        Bars("Histogram", histogram, above.astype(np.int8) - below.astype(np.int8)),
        Line("MACD", line, tone=Tone.FIRST),
        Line("Signal", signal, tone=Tone.SECOND),
    )


def _memory(params: MacdParams) -> int:
    return min(ema_memory(params.slow) + ema_memory(params.signal), LONGEST_MEMORY)


OVERLAY = Overlay(
    key="macd",
    title="MACD",
    pane=Pane.OSCILLATOR,
    explanation=(
        "The distance between a fast and a slow exponential average of the close, a smoothed "
        "copy of it (the signal), and bars for the difference of the two. Above zero the recent "
        "mean is higher than the older one; growing bars mean that the move gathers pace, and "
        "bars that change sides that it has lost it. It is built from averages and comes late, "
        "it changes sides all the time in a range, and being in price units it cannot be "
        "compared between symbols. Each value is known when its candle closes."
    ),
    source=(
        "G. Appel (1979); each average seeded with its own first candles, as by Stock.Indicators "
        "and on TradingView"
    ),
    defaults=MacdParams(),
    compute=macd_shapes,
    warm_up_candles=lambda params, interval: warm_up(_memory(params)),
    group=Group.MOMENTUM,
    guides=(0.0,),
)
