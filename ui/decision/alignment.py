"""
Which way each timeframe goes, beside the chart.

It is the overlay Timeframe Alignment with its defaults on 1m candles: every timeframe with the
bar that had closed by the newest minute, so it says what that overlay says on a 1m chart.
"""

import math
from dataclasses import dataclass
from typing import Any

from core.indicators.alignment import EFFICIENCY_CANDLES
from core.model.intervals import Interval
from core.model.shapes import Line, Ribbon, Shape
from core.overlays.timeframe_alignment import OVERLAY
from ui.figures.numbers import UNKNOWN
from ui.services import Services
from ui.view import View

_ARROWS = {"up": ("▲", "up"), "mixed": ("▬", "mixed"), "down": ("▼", "down")}
_STRENGTHS = ((0.85, "strong"), (0.6, "clear"), (0.0, "slight"))
"""From which share of full strength on; a direction begins at 0.4 of it."""
_ROWS = EFFICIENCY_CANDLES + 1
_MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Timeframe:
    """
    One row of the grid.

    Attributes:
        state: ``up``, ``mixed`` or ``down``; empty while too few bars are known.
        strength: 0 to 1; None with an empty state.
    """

    interval: str
    state: str = ""
    strength: float | None = None

    @property
    def words(self) -> str:
        """Direction and strength for people."""
        if not self.state or self.strength is None:
            return "too few bars"
        if self.state == "mixed":
            return "flat"
        return next(word for least, word in _STRENGTHS if self.strength >= least)


@dataclass(frozen=True, slots=True)
class AlignmentReading:
    """
    Attributes:
        known_ms: Close of the newest candle; None before the first.
        score: Mean of all timeframes, -1 to 1; None while any is unknown.
    """

    symbol: str
    timeframes: tuple[Timeframe, ...] = ()
    score: float | None = None
    known_ms: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every timeframe is known."""
        return self.score is not None


class AlignmentReader:
    """Judge a symbol once per closed minute, however many pages show it."""

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._views = services.views
        self._known: dict[str, AlignmentReading] = {}

    def reading(self, view: View) -> AlignmentReading:
        """Return what is known now; may read files."""
        symbol = view.symbol
        newest = self._store.candles(symbol, Interval.M1, limit=1)
        if len(newest) == 0:
            return AlignmentReading(symbol)
        known_ms = Interval.M1.close_time_ms(int(newest.open_time_ms[-1]))
        known = self._known.get(symbol)
        if known is not None and known.known_ms == known_ms and known.is_whole:
            return known
        self._known.pop(symbol, None)
        found = self._known[symbol] = self._judged(symbol)
        if len(self._known) > _MOST_KEPT:
            self._known.pop(next(iter(self._known)), None)
        return found

    def _judged(self, symbol: str) -> AlignmentReading:
        market = self._views.closed(
            symbol, Interval.M1, limit=_ROWS, companions=OVERLAY.companions, companion_rows=1
        )
        shapes = OVERLAY.compute(market, OVERLAY.defaults)
        return alignment_reading(symbol, shapes, market.known_ms)


def alignment_reading(
    symbol: str, shapes: tuple[Shape, ...], known_ms: int | None
) -> AlignmentReading:
    """Read the newest values of the overlay's shapes."""
    frames = tuple(_timeframe(shape) for shape in shapes if isinstance(shape, Ribbon))
    lines = [shape for shape in shapes if isinstance(shape, Line)]
    score = float(lines[0].y[-1]) if lines and len(lines[0].y) else math.nan
    return AlignmentReading(symbol, frames, score if math.isfinite(score) else None, known_ms)


def alignment_told(reading: AlignmentReading) -> dict[str, Any]:
    """Return the grid as the browser draws it."""
    return {
        "symbol": reading.symbol,
        "known_ms": reading.known_ms,
        "score": reading.score,
        "words": score_words(reading),
        "timeframes": [_told(frame) for frame in reading.timeframes],
    }


def score_words(reading: AlignmentReading) -> str:
    """Say what the timeframes come to together."""
    if not reading.timeframes:
        return "No closed candle of this symbol is known yet."
    known = [frame for frame in reading.timeframes if frame.state]
    up = sum(frame.state == "up" for frame in known)
    down = sum(frame.state == "down" for frame in known)
    words = f"{up} up, {down} down, {len(known) - up - down} flat"
    unknown = len(reading.timeframes) - len(known)
    return f"{words}, {unknown} not known" if unknown else words


def _timeframe(ribbon: Ribbon) -> Timeframe:
    if ribbon.strength is None or len(ribbon.code) == 0 or ribbon.code[-1] < 0:
        return Timeframe(ribbon.name)
    state = ribbon.states[int(ribbon.code[-1])].key
    return Timeframe(ribbon.name, state, float(ribbon.strength[-1]))


def _told(frame: Timeframe) -> dict[str, Any]:
    arrow, tone = _ARROWS.get(frame.state, (UNKNOWN, ""))
    return {
        "interval": frame.interval,
        "arrow": arrow,
        "tone": tone,
        "words": frame.words,
        "strength": frame.strength,
    }
