"""What overlays draw, as plain values that JSON can hold."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from core.model.events import Markers, Zones
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon, Shape


def warm_up_from_one_file(overlay: Overlay[Any], interval: Interval) -> int:
    """
    After how many candles nothing depends on where their file begins.

    Longer than what the overlay says of itself where it needs bars of other intervals: these
    are folded from the same candles, and the first of each may be incomplete.
    """
    longest = overlay.warm_up_candles(overlay.defaults, interval)
    for other, bars in overlay.companions.items():
        if other.duration_ms >= interval.duration_ms:
            candles = math.ceil((bars + 1) * other.duration_ms / interval.duration_ms)
            longest = max(longest, candles)
    return longest


def overlay_document(
    overlay: Overlay[Any], shapes: Sequence[Shape], view: MarketView
) -> dict[str, Any]:
    """
    Return one overlay of a whole file.

    Values have one place per candle, None until the warm-up is over and where nothing is
    known; events that became known before are left out, as they depend on where the file begins.
    """
    candles = view.candles
    warm_up = warm_up_from_one_file(overlay, candles.interval)
    settled_ms = int(candles.open_time_ms[warm_up]) if warm_up < len(candles) else None
    return {
        "title": overlay.title,
        "interval": candles.interval.value,
        "warm_up_candles": warm_up,
        "settles_after": overlay.settles_after,
        "shapes": [
            value for shape in shapes for value in _values(shape, warm_up, settled_ms, len(candles))
        ],
    }


def _values(
    shape: Shape, warm_up: int, settled_ms: int | None, candles: int
) -> Iterator[dict[str, Any]]:
    match shape:
        case Line() | Bars() | Band() | Ribbon():
            yield _per_candle(shape, warm_up)
        case Zones() | Markers():
            if settled_ms is not None:
                yield from _events(shape, settled_ms)
        case Profile():
            yield _profile(shape)
        case Note():
            if candles:
                words = {"name": shape.name, "text": shape.text, "known_ms": shape.known_ms}
                yield {"kind": "note"} | words
        case _:
            assert_never(shape)


def _per_candle(shape: Line | Bars | Band | Ribbon, warm_up: int) -> dict[str, Any]:
    match shape:
        case Line() | Bars():
            known = np.isfinite(shape.y)
            side = shape.direction
            return {
                "kind": "line" if isinstance(shape, Line) else "bars",
                "name": shape.name,
                "values": _column(shape.y, warm_up),
                "direction": None if side is None else _column(side, warm_up, known),
            }
        case Band():
            upper, lower = (_column(edge, warm_up) for edge in (shape.upper, shape.lower))
            return {"kind": "band", "name": shape.name, "upper": upper, "lower": lower}
        case Ribbon():
            words = [*(state.key for state in shape.states), None]  # code -1 is the last
            states = [words[code] for code in shape.code.tolist()]
            states[:warm_up] = [None] * len(states[:warm_up])
            strength = None if shape.strength is None else _column(shape.strength, warm_up)
            return {"kind": "ribbon", "name": shape.name, "values": states, "strength": strength}
        case _:
            assert_never(shape)


def _column(
    values: npt.NDArray[Any], warm_up: int, known: npt.NDArray[np.bool_] | None = None
) -> list[Any]:
    known = np.isfinite(values) if known is None else known
    cut = values.astype(object)
    cut[~known] = None
    cut[:warm_up] = None
    plain: list[Any] = cut.tolist()
    return plain


def _events(table: Zones | Markers, settled_ms: int) -> Iterator[dict[str, Any]]:
    settled = table.rows(table.confirmed_ms >= settled_ms)
    if isinstance(settled, Zones):
        for zone in settled:
            yield {
                "kind": "zone",
                "name": zone.name,
                "side": zone.side,
                "from_ms": zone.from_ms,
                "confirmed_ms": zone.confirmed_ms,
                "ended_ms": zone.ended_ms,
                "low": zone.low,
                "high": zone.high,
                "strength": _number(zone.strength),
                "events": dict(zone.events),
            }
        return
    for marker in settled:
        yield {
            "kind": "marker",
            "name": marker.name,
            "look": marker.look.value,
            "side": marker.side,
            "from_ms": marker.from_ms,
            "at_ms": marker.at_ms,
            "confirmed_ms": marker.confirmed_ms,
            "price": _number(marker.price),
        }


def _profile(shape: Profile) -> dict[str, Any]:
    return {
        "kind": "profile",
        "name": shape.name,
        "from_ms": shape.from_ms,
        "confirmed_ms": shape.confirmed_ms,
        "width": _number(shape.width),
        "price": _column(shape.price, 0),
        "volume": _column(shape.volume, 0),
        "buy_volume": _column(shape.buy_volume, 0),
        "point_of_control": _number(shape.point_of_control),
        "value_low": _number(shape.value_low),
        "value_high": _number(shape.value_high),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
