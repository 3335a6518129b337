"""What an overlay is; `core.model.shapes` is what it may draw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.shapes import Shape

Params = TypeVar("Params")


class Pane(StrEnum):
    """Where lines, bands, bars and ribbons go; zones and markers are always at price."""

    PRICE = "price"
    OSCILLATOR = "oscillator"
    """A pane of its own under the chart."""
    STRIP = "strip"
    """Thin rows under the chart, one per ribbon."""


class Group(StrEnum):
    """Where the picker lists an overlay."""

    MAIN = "main"
    """The six of the runbook; shown unless switched off."""
    TREND = "trend"
    MOMENTUM = "momentum"
    VOLUME = "volume"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Overlay(Generic[Params]):
    """
    A named, pure computation from a market view to shapes.

    Attributes:
        key: Identifier in URLs and config; unique among overlays.
        title: Label for people.
        pane: Where the shapes are drawn.
        explanation: One paragraph for the picker and the docs.
        source: Who defined it, and the convention followed.
        defaults: A frozen dataclass of parameters that inherits `Bounded`.
        compute: Pure function; sees closed candles only.
        warm_up_candles: After how many candles of an interval a settled value no longer
            depends on where the window began; at most `LONGEST_WARM_UP`.
        group: Where the picker lists it.
        companions: How many closed bars of which other intervals it needs before the
            first candle that is shown.
        guides: Levels drawn faintly in its own pane.
        bounds: Fixed range of its own pane; None where it follows the values.
        settles_after: How many later candles may still change the last values;
            0 means the overlay never repaints.
    """

    key: str
    title: str
    pane: Pane
    explanation: str
    source: str
    defaults: Params
    compute: Callable[[MarketView, Params], tuple[Shape, ...]]
    warm_up_candles: Callable[[Params, Interval], int]
    group: Group = Group.MAIN
    companions: Mapping[Interval, int] = field(default_factory=lambda: MappingProxyType({}))
    guides: tuple[float, ...] = ()
    bounds: tuple[float, float] | None = None
    settles_after: int = 0


LONGEST_WARM_UP = 1440
"""Candles; with those shown or decided on, they fit what a series keeps in memory."""
