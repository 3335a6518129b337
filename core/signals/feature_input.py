"""
What feature groups look at: the newest candle, what the overlays drew, one unit of distance.

Features read the shapes of overlays wherever there are any, so that a number and the
chart cannot disagree. Missing is NaN throughout.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from core.model.candles import FloatArray
from core.model.events import Markers, Zones
from core.model.features import FeatureGroup, FeatureSpec
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.shapes import Band, Bars, Line, Profile, Ribbon, Shape
from core.overlays.atr import OVERLAY as ATR
from core.overlays.ema import OVERLAY as EMA

_Named = TypeVar("_Named", Line, Band, Bars, Ribbon, Profile, Markers, Zones)

# The rules decide on these: they are there whether or not somebody draws them.
_NEEDED: Mapping[str, Overlay[Any]] = MappingProxyType({ATR.key: ATR, EMA.key: EMA})


class LastMark(NamedTuple):
    """The newest event of some tables: its side, its price, and how many candles ago it was."""

    age_candles: int
    side: int
    price: float


class FeatureInput:
    """
    A view with what was drawn of it; computes what several groups need only once.

    Args:
        view: Of at least one closed candle, without gaps.
        shapes: By overlay key, computed on the same view; none of an overlay that failed.

    Attributes:
        close: Of the newest candle.
    """

    def __init__(self, view: MarketView, shapes: Mapping[str, Sequence[Shape]]) -> None:
        self.view = view
        self.candles = view.candles
        self.close = float(view.candles.close[-1])
        self._shapes = dict(shapes)
        # First of a kind and name, of each overlay that was asked; the newest unit of distance.
        self._named: dict[str, dict[tuple[type[Shape], str], Shape]] = {}
        self._unit: float | None = None

    def drawn(self, key: str) -> Sequence[Shape]:
        """Return the shapes of an overlay; none where it was not drawn."""
        if key not in self._shapes:
            needed = _NEEDED.get(key)
            self._shapes[key] = needed.compute(self.view, needed.defaults) if needed else ()
        return self._shapes[key]

    def shape(self, key: str, kind: type[_Named], name: str) -> _Named | None:
        """Return a shape of an overlay; None where that was not drawn."""
        named = self._named.get(key)
        if named is None:
            drawn = reversed(self.drawn(key))
            named = self._named[key] = {(type(shape), shape.name): shape for shape in drawn}
        found = named.get((kind, name))
        return found if isinstance(found, kind) else None

    def value(self, key: str, name: str, lag: int = 0) -> float:
        """Return what a line of an overlay said ``lag`` candles ago."""
        line = self.shape(key, Line, name)
        return math.nan if line is None else newest(line.y, lag)

    @property
    def atr(self) -> FloatArray:
        """Average true range of 14 candles, as drawn; shape ``(n,)``."""
        line = self.shape(ATR.key, Line, "ATR")
        if line is None:
            raise LookupError("the overlay of the average true range draws no line of that name")
        return line.y

    def in_atr(self, distance: float) -> float:
        """Return a distance of prices in newest average true ranges; NaN where nothing moves."""
        if self._unit is None:
            self._unit = newest(self.atr)
        return ratio(distance, self._unit)

    def last_mark(self, key: str, names: Iterable[str], memory_candles: int) -> LastMark | None:
        """
        Return the newest event among tables of an overlay.

        None where there was none within so many candles: what is told must fit into a window.
        """
        duration_ms = self.candles.interval.duration_ms
        now_ms = int(self.candles.open_time_ms[-1])
        marks = [
            LastMark(
                (now_ms - int(table.at_ms[-1])) // duration_ms,
                int(table.side[-1]),
                float(table.price[-1]),
            )
            for table in (self.shape(key, Markers, name) for name in names)
            if table is not None and len(table)
        ]
        mark = min(marks, default=None)
        return None if mark is None or mark.age_candles >= memory_candles else mark


@dataclass(frozen=True, slots=True)
class FeatureFamily:
    """
    The features of one group.

    Attributes:
        compute: Pure; returns a number for each of ``specs``, NaN where it is missing.
    """

    group: FeatureGroup
    specs: tuple[FeatureSpec, ...]
    compute: Callable[[FeatureInput], Mapping[str, float]]


def newest(values: FloatArray, lag: int = 0) -> float:
    """Return the value ``lag`` places before the last one; NaN where there is none."""
    return float(values[-1 - lag]) if values.size > lag else math.nan


def ratio(part: float, whole: float) -> float:
    """Return the ratio to a positive whole; NaN of anything else."""
    return part / whole if whole > 0.0 else math.nan


def within(value: float, low: float, high: float) -> float:
    """Return the value without what rounding took it out of its bounds; NaN stays."""
    return value if math.isnan(value) else min(max(value, low), high)
