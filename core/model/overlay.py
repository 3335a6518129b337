"""What an overlay is, and the few shapes it may draw."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray
from core.model.market_view import MarketView


class Pane(StrEnum):
    """Where an overlay is drawn."""

    PRICE = "price"
    OSCILLATOR = "oscillator"


class MarkerKind(Enum):
    """What a marker says."""

    TURN_UP = "turn_up"
    TURN_DOWN = "turn_down"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """
    One value per candle; NaN leaves a gap.

    Attributes:
        y: Values, shape ``(n,)``.
        direction: Sign of each value for colouring (+1 up, -1 down, 0 none),
            shape ``(n,)``; None where the line has no direction.
    """

    name: str
    y: FloatArray
    direction: npt.NDArray[np.int8] | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """
    One event at a candle.

    Attributes:
        at_ms: Open time of the candle it is drawn at.
        confirmed_ms: When it became known; never before it is drawn anywhere.
        price: Where it is drawn.
    """

    name: str
    kind: MarkerKind
    at_ms: int
    confirmed_ms: int
    price: float


Shape: TypeAlias = Line | Marker
Params = TypeVar("Params")


@dataclass(frozen=True, slots=True)
class Overlay(Generic[Params]):
    """
    A named, pure computation from a market view to shapes.

    Attributes:
        key: Identifier in URLs and config; unique among overlays.
        title: Label for people.
        pane: Where the shapes are drawn.
        explanation: One paragraph for the picker and the docs.
        source: Who defined it.
        defaults: A frozen dataclass of parameters that validates itself.
        compute: Pure function; sees closed candles only.
        warm_up_candles: After how many candles a settled value no longer depends
            on where the window began.
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
    warm_up_candles: Callable[[Params], int]
    settles_after: int = 0
