"""Which way 1m to 1d go at once: a heat strip for each, and one score."""

from dataclasses import dataclass
from types import MappingProxyType

from core.indicators.alignment import EFFICIENCY_CANDLES, Closes, alignment_score, latest, leans
from core.model.candles import TimeArray
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.parameters import Bounded, parameter
from core.model.shapes import Line, Ribbon, RibbonState, Shape, Tone

_STATES = (
    RibbonState("down", "down", Tone.DOWN),
    RibbonState("mixed", "mixed", Tone.QUIET),
    RibbonState("up", "up", Tone.UP),
)


@dataclass(frozen=True, slots=True)
class TimeframeAlignmentParams(Bounded):
    """How straight price must go."""

    mixed_below: float = parameter(0.2, 0.05, 0.5, "", "efficiency from which there is a direction")
    full_at: float = parameter(0.5, 0.5, 1.0, "", "efficiency from which strength is 1")


def timeframe_alignment(view: MarketView, params: TimeframeAlignmentParams) -> tuple[Shape, ...]:
    """
    Return a ribbon for each interval the view has, shortest first, then the score.

    An interval that is longer than the shown one counts with the bar that had closed when the
    row's candle did, a shorter one with its last bar of that candle.
    """
    shown = view.candles
    apart_ms = shown.interval.duration_ms
    ends_ms = shown.open_time_ms + apart_ms
    timeframes = [_closes(view, interval, ends_ms) for interval in view.intervals]
    judged = leans(timeframes, mixed_below=params.mixed_below, full_at=params.full_at)
    told = [
        own if timeframe.interval is shown.interval else latest(own, timeframe, ends_ms, apart_ms)
        for own, timeframe in zip(judged, timeframes, strict=True)
    ]
    return (
        *(
            Ribbon(timeframe.interval.value, lean.code, _STATES, lean.strength)
            for lean, timeframe in zip(told, timeframes, strict=True)
        ),
        Line("Alignment", alignment_score(told)),
    )


def _closes(view: MarketView, interval: Interval, ends_ms: TimeArray) -> Closes:
    """Return the closed bars of an interval, but none before those the first row looks at."""
    bars = view.at(interval)
    first = 0
    if ends_ms.size:
        newest_ms = int(ends_ms[0]) - 2 * interval.duration_ms
        first = max(int(bars.open_time_ms.searchsorted(newest_ms)) - EFFICIENCY_CANDLES, 0)
    return Closes(interval, bars.open_time_ms[first:], bars.close[first:])


OVERLAY = Overlay(
    key="timeframe_alignment",
    title="Timeframe Alignment",
    pane=Pane.STRIP,
    explanation=(
        "For each of 1m, 5m, 15m, 1h, 4h and 1d: how straight price went over its ten last closed "
        "bars, as the way it came over the way it went. Below 0.2 the timeframe is mixed, from 0.5 "
        "on its colour is full. The score is the mean over all of them, from -1 (all straight "
        "down) to +1 (all straight up). It says that timeframes agree, not that they will go on: "
        "most of a move is behind when the longest of them turns. A bar counts from the moment it "
        "closed, never before, so that the strip of a day changes once a day. Where bars are "
        "missing a timeframe is unknown, and so is the score."
    ),
    source=(
        "Efficiency ratio of P. J. Kaufman, Smarter Trading (1995), over 10 bars, with its sign; "
        "the thresholds and the mean are ours"
    ),
    defaults=TimeframeAlignmentParams(),
    compute=timeframe_alignment,
    warm_up_candles=lambda params, interval: EFFICIENCY_CANDLES,
    companions=MappingProxyType(dict.fromkeys(Interval, EFFICIENCY_CANDLES + 1)),
    bounds=(-1.0, 1.0),
    guides=(0.0,),
)
