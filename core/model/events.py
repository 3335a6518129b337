"""
What happens at moments: tables with one row per event, in the order in which they became known.

Tables and not lists, because thousands of events are made at once. Every row says when it
became known, so that nobody can mistake hindsight for foresight.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

import msgspec
import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray, TimeArray
from core.model.shape_columns import SignArray, require_order, seal

NEVER_MS = -1
"""In tables of events: this has not happened."""


class Look(Enum):
    """How an event is drawn."""

    DOT = "dot"
    ARROW = "arrow"
    DIAMOND = "diamond"
    LEVEL = "level"
    """A line from where it began to where it happened, with the name beside it."""


class Zone(msgspec.Struct, frozen=True, gc=False):
    """
    One row of `Zones`: a price range that lives for a while.

    Attributes:
        side: +1 holds price up from below, -1 holds it down from above.
        from_ms: Open time of the candle it is drawn from.
        confirmed_ms: When it became known: the close of a candle.
        ended_ms: When its life ended; None while it lives.
        strength: 0 to 1, as known when it was confirmed.
        events: When what else happened to it, by name; only what has happened.
    """

    name: str
    side: int
    from_ms: int
    confirmed_ms: int
    ended_ms: int | None
    low: float
    high: float
    strength: float
    events: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """
    Price ranges of one kind, ordered by ``confirmed_ms``; columns as the fields of `Zone`.

    Attributes:
        ended_ms: `NEVER_MS` while it lives.
        events: Further moments by name, each a column with `NEVER_MS` where it has not come.
    """

    name: str
    side: SignArray
    from_ms: TimeArray
    confirmed_ms: TimeArray
    ended_ms: TimeArray
    low: FloatArray
    high: FloatArray
    strength: FloatArray
    events: Mapping[str, TimeArray] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        times = (self.from_ms, self.confirmed_ms, self.ended_ms, *self.events.values())
        seal(self.name, self.side, self.low, self.high, self.strength, *times)
        require_order(self.name, self.confirmed_ms)

    def __len__(self) -> int:
        return int(self.from_ms.size)

    def __iter__(self) -> Iterator[Zone]:
        names = tuple(self.events)
        moments = zip(*(column.tolist() for column in self.events.values()), strict=True)
        happened = moments if names else iter([()] * len(self))
        columns = (
            self.side,
            self.from_ms,
            self.confirmed_ms,
            self.ended_ms,
            self.low,
            self.high,
            self.strength,
        )
        for side, from_ms, confirmed_ms, ended_ms, low, high, strength, when in zip(
            *(column.tolist() for column in columns), happened, strict=True
        ):
            events = {
                name: at_ms for name, at_ms in zip(names, when, strict=True) if at_ms != NEVER_MS
            }
            ended = None if ended_ms == NEVER_MS else ended_ms
            yield Zone(self.name, side, from_ms, confirmed_ms, ended, low, high, strength, events)

    def rows(self, where: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Zones":
        """Return the chosen rows."""
        return Zones(
            self.name,
            self.side[where],
            self.from_ms[where],
            self.confirmed_ms[where],
            self.ended_ms[where],
            self.low[where],
            self.high[where],
            self.strength[where],
            MappingProxyType({name: column[where] for name, column in self.events.items()}),
        )


class Marker(msgspec.Struct, frozen=True, gc=False):
    """
    One row of `Markers`: an event at a candle.

    Attributes:
        side: +1 speaks for higher prices, -1 for lower ones, 0 for neither.
        from_ms: Open time of the candle where the level it speaks of began.
        at_ms: Open time of the candle it is drawn at.
        confirmed_ms: When it became known: the close of a candle, never before ``at_ms``.
        price: Where it is drawn.
    """

    name: str
    look: Look
    side: int
    from_ms: int
    at_ms: int
    confirmed_ms: int
    price: float


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Events of one kind, ordered by ``confirmed_ms``; columns as the fields of `Marker`."""

    name: str
    look: Look
    side: SignArray
    at_ms: TimeArray
    confirmed_ms: TimeArray
    price: FloatArray
    from_ms: TimeArray | None = None
    """Where it is None, ``at_ms``."""

    def __post_init__(self) -> None:
        seal(self.name, self.side, self.at_ms, self.confirmed_ms, self.price, self.from_ms)
        require_order(self.name, self.confirmed_ms)

    def __len__(self) -> int:
        return int(self.at_ms.size)

    def __iter__(self) -> Iterator[Marker]:
        started = self.at_ms if self.from_ms is None else self.from_ms
        columns = (self.side, started, self.at_ms, self.confirmed_ms, self.price)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield Marker(self.name, self.look, *row)

    def rows(self, where: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Markers":
        """Return the chosen rows."""
        started = None if self.from_ms is None else self.from_ms[where]
        return Markers(
            self.name,
            self.look,
            self.side[where],
            self.at_ms[where],
            self.confirmed_ms[where],
            self.price[where],
            started,
        )
