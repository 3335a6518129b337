"""Three exponential moving averages over price."""

from dataclasses import dataclass

from core.indicators.anchored_values import anchored_values, ema_memory
from core.indicators.anchoring import warm_up
from core.indicators.averages import ema
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class EmaParams(Bounded):
    """
    Periods of the three lines, each longer than the one before.

    Raises:
        ValueError: On construction, where a period is out of bounds or not longer.
    """

    fast: int = parameter(20, 2, 250, "candles", "period of the fast line")
    middle: int = parameter(50, 2, 250, "candles", "period of the middle line")
    slow: int = parameter(200, 2, 250, "candles", "period of the slow line")

    def __post_init__(self) -> None:
        Bounded.__post_init__(self)
        if not self.fast < self.middle < self.slow:
            periods = f"{self.fast}, {self.middle} and {self.slow}"
            raise ValueError(f"fast, middle and slow must increase, were {periods}")


def ema_shapes(view: MarketView, params: EmaParams) -> tuple[Shape, ...]:
    """
    Return the lines, fastest first.

    Values come from runs anchored to the clock (`core.indicators.anchored_values`). Up to
    period 60 they are those of one run over all of history. The longest memory a run may have
    leaves the seed of period 200 a weight of 4e-5, of 250 5e-4: on recorded markets of four
    symbols (1m, 5m, 15m) the lines were within 5.1e-7 and 7.1e-6 of one run, relatively.
    """
    lines = ((params.fast, Tone.FIRST), (params.middle, Tone.SECOND), (params.slow, Tone.THIRD))
    return tuple(_line(view, period, tone) for period, tone in lines)


def _line(view: MarketView, period: int, tone: Tone) -> Line:
    close = view.candles.close
    (y,) = anchored_values(
        view.candles, ema_memory(period), lambda rows: (ema(close[rows], period),)
    )
    return Line(f"EMA {period}", y, tone=tone)


OVERLAY = Overlay(
    key="ema",
    title="EMA 20 / 50 / 200",
    pane=Pane.PRICE,
    explanation=(
        "Three running averages of the closing price in which newer candles weigh more: each "
        "close counts 2 / (period + 1), and all that came before fades by the rest. Price above "
        "a line whose shorter neighbours are above it too is an up trend on all three horizons; "
        "lines that keep crossing mean there is none. An average follows price and never leads "
        "it: it turns about half its period late, and in a range it says nothing. Each value is "
        "known when its candle closes and does not change afterwards."
    ),
    source=(
        "Exponential smoothing (R. G. Brown, 1956), seeded with the plain mean of the first "
        "period as by TA-Lib and Stock.Indicators; started anew at fixed times of the clock, so "
        "that every window shows the same line (EMA 200 is within a hundred-thousandth of an "
        "endless run)"
    ),
    defaults=EmaParams(),
    compute=ema_shapes,
    warm_up_candles=lambda params, interval: warm_up(ema_memory(params.slow)),
    group=Group.TREND,
)
