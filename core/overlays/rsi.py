"""The Relative Strength Index in a pane of its own."""

from dataclasses import dataclass

from core.indicators.anchored_values import anchored_values, wilder_memory
from core.indicators.anchoring import warm_up
from core.indicators.momentum import gains_and_losses, mean_of_changes, strength_of
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class RsiParams(Bounded):
    """Of the index."""

    period: int = parameter(14, 2, 100, "candles", "of the mean gain and the mean loss")


def rsi_shapes(view: MarketView, params: RsiParams) -> tuple[Shape, ...]:
    """
    Return the line; values come from runs anchored to the clock.

    Up to period 33 they are those of one run over all of history; period 100 was within 4e-4
    points of it on recorded markets. Stillness as long as the memory reads 50.
    """
    period = params.period
    gains, losses = gains_and_losses(view.candles.close)
    gain, loss = anchored_values(
        view.candles,
        wilder_memory(period),
        lambda rows: (mean_of_changes(gains[rows], period), mean_of_changes(losses[rows], period)),
    )
    return (Line("RSI", strength_of(gain, loss), tone=Tone.FIRST),)


OVERLAY = Overlay(
    key="rsi",
    title="RSI",
    pane=Pane.OSCILLATOR,
    explanation=(
        "The mean gain of recent candles as a share of mean gain plus mean loss, from 0 to 100. "
        "Above 70 the rises have been one-sided, below 30 the falls; 50 is a balance, and also "
        "what a market that stands still shows. In a strong trend it may stay beyond 70 or 30 "
        "for long, so an extreme alone is no reason to expect a turn. Each value is known when "
        "its candle closes."
    ),
    source=(
        "J. W. Wilder, New Concepts in Technical Trading Systems (1978), section VI; "
        "as by TA-Lib and Stock.Indicators wherever price moves"
    ),
    defaults=RsiParams(),
    compute=rsi_shapes,
    warm_up_candles=lambda params, interval: warm_up(wilder_memory(params.period)),
    group=Group.MOMENTUM,
    guides=(30.0, 50.0, 70.0),
    bounds=(0.0, 100.0),
)
