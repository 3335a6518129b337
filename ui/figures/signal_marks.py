"""Signals as marks on the candles they came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.model.candles import CandleSeries
from core.model.signal import Direction
from ui.figures.numbers import number
from ui.figures.plotly_json import Trace, lines
from ui.theme import Palette

_GAP = 0.7
"""Distance of a mark from its candle, in mean candle heights."""


@dataclass(frozen=True, slots=True)
class SignalMark:
    """
    One signal, ready to be drawn.

    Attributes:
        outcome: What became of it, in words.
    """

    open_time_ms: int
    interval: str
    direction: str
    strength: str
    score: float
    confidence: float
    entry: float
    stop: float
    target: float
    reasons: tuple[str, ...]
    outcome: str


def signal_marks(
    marks: Sequence[SignalMark], candles: CandleSeries, *, decimals: int, palette: Palette
) -> list[Trace]:
    """Draw longs below and shorts above the shown candle that holds their bar."""
    if len(candles) == 0:
        return []
    rows = {int(at): i for i, at in enumerate(candles.open_time_ms.tolist())}
    gap = _GAP * float((candles.high - candles.low).mean())
    traces = []
    for direction, symbol, colour in (
        (Direction.LONG, "triangle-up", palette.up),
        (Direction.SHORT, "triangle-down", palette.down),
    ):
        placed = [
            (rows[at], mark)
            for mark in marks
            if mark.direction == direction
            and (at := candles.interval.open_time_ms(mark.open_time_ms)) in rows
        ]
        traces.append(_trace(direction, placed, candles, gap, decimals=decimals))
        traces[-1]["marker"] = {
            "symbol": symbol,
            "size": 13,
            "color": colour,
            "line": {"color": palette.ground, "width": 1.5},
        }
    return traces


def _trace(
    direction: Direction,
    placed: Sequence[tuple[int, SignalMark]],
    candles: CandleSeries,
    gap: float,
    *,
    decimals: int,
) -> Trace:
    level = candles.low if direction is Direction.LONG else candles.high
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"Signals {direction.value}",
        "x": [int(candles.open_time_ms[i]) for i, _ in placed],
        "y": [float(level[i]) - direction.sign * gap for i, _ in placed],
        "text": [_words(mark, decimals) for _, mark in placed],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(mark: SignalMark, decimals: int) -> str:
    def price(value: float) -> str:
        return number(value, decimals)

    return lines(
        (
            f"{mark.direction} · {mark.strength.replace('_', ' ').lower()} · {mark.interval}",
            f"score {number(mark.score, 2, signed=True)} · confidence {mark.confidence:.0f}",
            f"entry {price(mark.entry)} · stop {price(mark.stop)} · target {price(mark.target)}",
            *mark.reasons,
            mark.outcome,
        )
    )
