"""Bollinger Bands over price."""

from dataclasses import dataclass

from core.indicators.channels import bollinger
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Band, Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class BollingerParams(Bounded):
    """Of the bands."""

    period: int = parameter(20, 2, 200, "candles", "of the mean and the deviation")
    deviations: float = parameter(
        2.0, 0.5, 5.0, "deviations", "distance of the bands from the mean"
    )


def bollinger_shapes(view: MarketView, params: BollingerParams) -> tuple[Shape, ...]:
    """Return the band and the mean in its middle: functions of ``period`` closes each."""
    upper, basis, lower = bollinger(view.candles.close, params.period, params.deviations)
    return (
        Band("Bollinger", upper, lower, Tone.FIRST),
        Line("Bollinger basis", basis, tone=Tone.FIRST),
    )


OVERLAY = Overlay(
    key="bollinger",
    title="Bollinger Bands",
    pane=Pane.PRICE,
    explanation=(
        "The plain mean of the last closes, and a band two standard deviations wide on each "
        "side of it. The band widens when price swings and narrows when it rests, so a close at "
        "its edge is unusual for that time, not cheap or dear as such: in a trend price may run "
        "along the edge for long. Prices are not normally distributed, and more than the 5 % "
        "that textbooks name lie outside. Each value is known when its candle closes."
    ),
    source="J. Bollinger, Bollinger on Bollinger Bands (2001); population standard deviation",
    defaults=BollingerParams(),
    compute=bollinger_shapes,
    warm_up_candles=lambda params, interval: params.period - 1,
    group=Group.TREND,
)
