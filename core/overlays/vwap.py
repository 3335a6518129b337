"""VWAP on the chart: the day's mean price by volume, with bands of one and two deviations."""

from dataclasses import dataclass

import numpy as np

from core.indicators.sessions import bars_per_day, sessions
from core.indicators.vwap import session_vwap, typical_price
from core.model.market_view import MarketView
from core.model.overlay import Group, Overlay, Pane
from core.model.parameters import Bounded
from core.model.shapes import Band, Line, Note, Shape, Tone


@dataclass(frozen=True, slots=True)
class VwapParams(Bounded):
    """None: the day and the deviations are what the name says."""


def vwap_shapes(view: MarketView, params: VwapParams) -> tuple[Shape, ...]:
    """Return the line and two bands; a note where the newest value is not known, and why."""
    candles = view.candles
    days = sessions(candles.open_time_ms, candles.interval)
    price = typical_price(candles.high, candles.low, candles.close)
    mean, deviation = session_vwap(days.by_day(price), days.by_day(candles.volume))
    vwap, width = days.per_candle(mean), days.per_candle(deviation)
    twice = 2.0 * width
    shapes: tuple[Shape, ...] = (
        Line("VWAP", vwap),
        Band("VWAP 1 \N{GREEK SMALL LETTER SIGMA}", vwap + width, vwap - width, Tone.QUIET),
        Band("VWAP 2 \N{GREEK SMALL LETTER SIGMA}", vwap + twice, vwap - twice, Tone.QUIET),
    )
    if len(candles) and np.isnan(vwap[-1]):
        return (*shapes, Note("VWAP", _why(known=bool(days.known[-1])), view.known_ms))
    return shapes


def _why(*, known: bool) -> str:
    if known:
        return "Nothing was traded since midnight UTC, so there is no VWAP yet."
    return "Candles of this UTC day are missing, so VWAP is not known before the next midnight."


OVERLAY = Overlay(
    key="vwap",
    title="VWAP",
    pane=Pane.PRICE,
    group=Group.VOLUME,
    explanation=(
        "The average price of the UTC day so far, each candle's typical price (the mean of "
        "high, low and close) weighted by its volume, with bands one and two standard "
        "deviations of that volume away. It tells whether those who traded today are on "
        "average in profit or at a loss; price far outside the bands is far from where most "
        "volume was. It begins anew at midnight UTC, so early in the day a few candles move "
        "it, and it is left out for a day of which a candle is missing. Each value is known "
        "at the close of its candle."
    ),
    source="Cumulative VWAP as in Stock.Indicators, anchored to the UTC day; deviation: West 1979",
    defaults=VwapParams(),
    compute=vwap_shapes,
    warm_up_candles=lambda params, interval: bars_per_day(interval) - 1,
)
