"""Funding and open interest as Plotly traces, and what the page's readout says of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Any, TypeAlias

from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest
from ui.figures.plotly_json import Trace
from ui.figures.tones import faded
from ui.look import FactPane
from ui.theme import Palette

_HOUR_MS = Interval.H1.duration_ms
_YEAR_HOURS = 365 * 24
_LONGEST_HOURS = 8
"""Between two settlements; the exchange has symbols of 1, 4 and 8 hours."""
_PERCENT = 100.0
_RATE_DIGITS = 6
_SIGNIFICANT = 6
_WIDTH_PX = 1.4
_FILL = 0.35
_LATE_PERIODS = 2
"""After so many a snapshot is missing, not late: what was held is not known from then on."""
_MARGIN = 0.12
"""Of what a range holds, above and below."""
_LEAST_PERCENT = 0.002
"""A funding range narrower than this would make much of nothing."""


@dataclass(frozen=True, slots=True)
class FactNote:
    """
    What is missing, in a line for people.

    Attributes:
        words: Empty where nothing is.
        detail: What the exchange said.
    """

    words: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ShownFunding:
    """Settlements that a pane shows, oldest first; one before the first candle may be there."""

    settlements: tuple[Settlement, ...] = ()
    note: FactNote = FactNote()

    @property
    def pane(self) -> FactPane:
        """Which pane it is."""
        return FactPane.FUNDING


@dataclass(frozen=True, slots=True)
class ShownOpenInterest:
    """
    Snapshots that a pane shows, oldest first.

    Attributes:
        period_ms: Between two of them, where none is missing.
    """

    snapshots: tuple[OpenInterest, ...] = ()
    period_ms: int = 5 * 60_000
    note: FactNote = FactNote()

    @property
    def pane(self) -> FactPane:
        """Which pane it is."""
        return FactPane.OPEN_INTEREST


ShownFact: TypeAlias = ShownFunding | ShownOpenInterest

TITLES: Mapping[FactPane, str] = {
    FactPane.FUNDING: "Funding",
    FactPane.OPEN_INTEREST: "Open interest",
}


def fact_traces(
    fact: ShownFact, axis: str, span_ms: tuple[int, int], palette: Palette
) -> list[Trace]:
    """
    Draw a fact as steps, each from when it was known to when the next was.

    Args:
        fact: What is drawn.
        axis: Value axis.
        span_ms: First and last moment of the chart; nothing is drawn after the last.
        palette: Colours by role.
    """
    match fact:
        case ShownFunding():
            traces = _funding(fact.settlements, span_ms[1], palette)
        case ShownOpenInterest():
            traces = _open_interest(fact, span_ms[1], palette)
    at = {"type": "scatter", "mode": "lines", "yaxis": axis, "hoverinfo": "skip"}
    # A pane in which nothing is known has to be a pane for Plotly.
    traces = traces or [{"name": TITLES[fact.pane], "x": [span_ms[0]], "y": [None]}]
    return [at | trace for trace in traces]


def fact_axis(fact: ShownFact) -> dict[str, Any]:
    """Return what its values ask of a value axis."""
    match fact:
        case ShownFunding(settlements=()) | ShownOpenInterest(snapshots=()):
            return {"showticklabels": False, "showgrid": False, "zeroline": False}
        case ShownFunding(settlements):
            rates = [0.0, *(each.rate * _PERCENT for each in settlements)]
            low, high = min(rates), max(rates)
            margin = _MARGIN * max(high - low, _LEAST_PERCENT)
            values = {"range": [low - margin, high + margin], "ticksuffix": " %"}
            return values | {"nticks": 3, "zeroline": True}
        case ShownOpenInterest():
            return {"nticks": 3, "tickformat": "~s", "zeroline": False}


def follows(fact: ShownFact) -> bool:
    """Whether the range of its axis is to hold what is visible, and no more."""
    return fact.pane is FactPane.OPEN_INTEREST


def fact_told(fact: ShownFact, axis: str) -> Mapping[str, Any]:
    """Return what ``fact_panes.js`` tells of it; the values are in the trace that names it."""
    told: dict[str, Any] = {
        "key": fact.pane.value,
        "title": TITLES[fact.pane],
        "axis": axis,
        "note": fact.note.words,
        "detail": fact.note.detail,
    }
    if isinstance(fact, ShownFunding):
        told["hours"] = settled_hours(fact.settlements)
    return told


def settled_hours(settlements: Sequence[Settlement]) -> list[int | None]:
    """
    Return the hours each settlement was for; None where its neighbours do not tell.

    Of the first it is taken from the one that follows.
    """
    gaps = [
        round((after.at_ms - before.at_ms) / _HOUR_MS) for before, after in pairwise(settlements)
    ]
    known = [hours if 1 <= hours <= _LONGEST_HOURS else None for hours in gaps]
    return [known[0], *known] if known else [None] * len(settlements)


def _funding(settlements: Sequence[Settlement], last_ms: int, palette: Palette) -> list[Trace]:
    if not settlements:
        return []
    hours = settled_hours(settlements)[-1] or _LONGEST_HOURS
    x = [each.at_ms for each in settlements]
    y = [round(each.rate * _PERCENT, _RATE_DIGITS) for each in settlements]
    end_ms = min(last_ms, x[-1] + hours * _HOUR_MS)  # then there was another, which is not known
    if end_ms > x[-1]:
        x, y = [*x, end_ms], [*y, y[-1]]
    title = TITLES[FactPane.FUNDING]
    style = {"shape": "hv", "width": _WIDTH_PX, "color": palette.muted}
    values = {"name": title, "x": x, "y": y, "line": style}
    values |= {"meta": {"fact": FactPane.FUNDING.value}}
    return [*_sides(title, x, y, palette), values]


def _sides(title: str, x: list[int], y: list[float], palette: Palette) -> Iterator[Trace]:
    """Yield one filled path per sign: what is of the other sign has no height."""
    sides = ((palette.up, "longs pay", 1.0), (palette.down, "shorts pay", -1.0))
    for colour, words, sign in sides:
        heights = [max(0.0, sign * value) * sign for value in y]
        if any(heights):
            yield {
                "name": f"{title}: {words}",
                "x": x,
                "y": heights,
                "line": {"shape": "hv", "width": 0, "color": colour},
                "fill": "tozeroy",
                "fillcolor": faded(colour, _FILL),
            }


def _open_interest(fact: ShownOpenInterest, last_ms: int, palette: Palette) -> list[Trace]:
    rows = fact.snapshots
    if not rows:
        return []
    digits = _digits(max(row.contracts for row in rows))
    x: list[int] = []
    y: list[float | None] = []
    for row, until_ms in zip(rows, [*(row.at_ms for row in rows[1:]), last_ms], strict=True):
        x.append(row.at_ms)
        y.append(round(row.contracts, digits))
        if until_ms > row.at_ms + _LATE_PERIODS * fact.period_ms:
            x += [row.at_ms + fact.period_ms] * 2
            y += [y[-1], None]
    if y[-1] is not None and last_ms > x[-1]:
        x.append(last_ms)
        y.append(y[-1])
    style = {"shape": "hv", "width": _WIDTH_PX, "color": palette.first}
    title = TITLES[FactPane.OPEN_INTEREST]
    meta = {"fact": FactPane.OPEN_INTEREST.value}
    return [{"name": title, "x": x, "y": y, "line": style, "meta": meta}]


def _digits(most: float) -> int:
    """Return how many decimals keep the significant digits of the largest value."""
    return max(0, _SIGNIFICANT - 1 - floor(log10(most))) if most > 0.0 else 0
