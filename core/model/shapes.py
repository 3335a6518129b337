"""
The few shapes an overlay may draw.

What has one value per candle is an array beside the candles of its view; what happens
at moments is a table of `core.model.events`. All arrays are read-only.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from core.model.candles import FloatArray
from core.model.events import Markers, Zones
from core.model.shape_columns import ShapeError, SignArray, seal


class Tone(Enum):
    """What a colour says; the screen chooses the colour."""

    NEUTRAL = "neutral"
    UP = "up"
    DOWN = "down"
    WARNING = "warning"
    QUIET = "quiet"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """
    One value per candle; NaN leaves a gap.

    Attributes:
        y: Values, shape ``(n,)``.
        direction: Sign of each value for colouring (+1 up, -1 down, 0 not in force),
            shape ``(n,)``; None where the line has no direction.
        own_scale: Whether it shares no axis with the other shapes of its pane.
    """

    name: str
    y: FloatArray
    direction: SignArray | None = None
    tone: Tone = Tone.NEUTRAL
    own_scale: bool = False

    def __post_init__(self) -> None:
        seal(self.name, self.y, self.direction)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The area between two values per candle."""

    name: str
    upper: FloatArray
    lower: FloatArray
    tone: Tone = Tone.NEUTRAL

    def __post_init__(self) -> None:
        seal(self.name, self.upper, self.lower)


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """One bar per candle, from zero; ``direction`` as in `Line`."""

    name: str
    y: FloatArray
    direction: SignArray | None = None
    tone: Tone = Tone.NEUTRAL

    def __post_init__(self) -> None:
        seal(self.name, self.y, self.direction)


@dataclass(frozen=True, slots=True)
class RibbonState:
    """One of the states of a ribbon: its word in files, its word for people, its colour."""

    key: str
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """
    One state per candle, drawn as coloured stretches.

    Attributes:
        code: Index into ``states``, -1 while unknown; shape ``(n,)``.
        strength: How strongly to colour, 0 to 1; NaN while unknown; None where a state is a state.
    """

    name: str
    code: SignArray
    states: tuple[RibbonState, ...]
    strength: FloatArray | None = None

    def __post_init__(self) -> None:
        seal(self.name, self.code, self.strength)
        if self.code.size and not -1 <= int(self.code.min()) <= int(self.code.max()) < len(
            self.states
        ):
            raise ShapeError(f"{self.name}: a code is none of {len(self.states)} states")


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """
    Volume by price over a stretch of candles, lowest price first.

    Attributes:
        from_ms: Open time of the first candle of the stretch.
        confirmed_ms: Close of its last one: what the profile knows of.
        price: Lower edge of each bucket, shape ``(m,)``; ``width`` is its height.
        buy_volume: Base volume of takers who bought in the bucket; NaN where not known.
        volume: Base volume of the bucket.
        point_of_control: Middle of the bucket with the largest volume.
        value_low, value_high: Edges of the value area.
    """

    name: str
    from_ms: int
    confirmed_ms: int
    width: float
    price: FloatArray
    volume: FloatArray
    buy_volume: FloatArray
    point_of_control: float
    value_low: float
    value_high: float

    def __post_init__(self) -> None:
        seal(self.name, self.price, self.volume, self.buy_volume)


@dataclass(frozen=True, slots=True)
class Note:
    """What an overlay has to say in words about its newest candle; ``known_ms`` is its close."""

    name: str
    text: str
    known_ms: int


Shape: TypeAlias = Line | Band | Bars | Ribbon | Zones | Markers | Profile | Note
