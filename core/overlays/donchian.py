"""The Donchian channel over price."""

from dataclasses import dataclass

from core.indicators.channels import donchian
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Band, Line, Shape, Tone


@dataclass(frozen=True, slots=True)
class DonchianParams(Bounded):
    """Of the channel."""

    period: int = parameter(20, 2, 500, "candles", "whose extremes are the channel")


def donchian_shapes(view: MarketView, params: DonchianParams) -> tuple[Shape, ...]:
    """Return the channel and its middle: functions of ``period`` candles each."""
    upper, middle, lower = donchian(view.candles.high, view.candles.low, params.period)
    return (
        Band("Donchian", upper, lower, Tone.SECOND),
        Line("Donchian middle", middle, tone=Tone.SECOND),
    )


OVERLAY = Overlay(
    key="donchian",
    title="Donchian channel",
    pane=Pane.PRICE,
    explanation=(
        "The highest high and the lowest low of the last candles, the latest included, and the "
        "middle between them. A candle that pushes an edge outwards is a new extreme of that "
        "stretch: the breakout that trend followers wait for, and that fails often in a range. "
        "As the latest candle counts, price never leaves the channel; to look for a breakout, "
        "compare a close with the edge one candle earlier. An edge also moves when an old "
        "extreme falls out of the stretch, which says nothing about today. Each value is known "
        "when its candle closes."
    ),
    source="R. Donchian; the latest candle included, as on TradingView and in TA-Lib",
    defaults=DonchianParams(),
    compute=donchian_shapes,
    warm_up_candles=lambda params, interval: params.period - 1,
    group=Group.TREND,
)
