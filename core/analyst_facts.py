"""What the analyst is shown of a market: features, regime, timeframes, zones and the position."""

import heapq
from collections.abc import Iterator, Mapping, Sequence

from core.model.candles import CandleSeries
from core.model.events import NEVER_MS, Zones
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.regime import Regime
from core.model.shapes import Shape
from core.model.signal import RuleVerdict
from core.model.verdict import Facts, ZoneFact
from core.trading.account import Position

_MOST_ZONES = 8
# Farther than two stops of the usual three ATR, a zone says nothing of this trade.
_FARTHEST_ATR = 6.0


def facts_of(
    candles: CandleSeries,
    features: FeatureSet,
    rules: RuleVerdict,
    *,
    shapes: Mapping[str, Sequence[Shape]],
    regime: Regime | None,
    held: Position | None,
) -> Facts:
    """
    Put together what is known at the close of the newest candle.

    Args:
        candles: At least one.
        features: Of the newest of them.
        rules: What they say of it.
        shapes: By overlay key, computed on the same candles.
        regime: None where it is not known.
        held: The account's position in the symbol; None when flat.
    """
    close = float(candles.close[-1])
    return Facts(
        candles.symbol,
        candles.interval,
        close,
        features,
        rules,
        open_position=None if held is None else _position(held),
        regime="" if regime is None else regime.value.replace("_", " "),
        alignment={
            interval.value: features.values[name]
            for interval in Interval
            if (name := f"alignment_{interval.value}") in features.values
        },
        zones=near_zones(shapes, close, features.values.get("atr_14", 0.0)),
    )


def near_zones(
    shapes: Mapping[str, Sequence[Shape]], close: float, unit: float
) -> tuple[ZoneFact, ...]:
    """
    Return the living zones near a price, the nearest first; none without a unit of distance.

    Args:
        shapes: By overlay key.
        close: The price.
        unit: One ATR.
    """
    if unit <= 0.0:
        return ()
    drawn = (shape for shapes_of in shapes.values() for shape in shapes_of)
    living = (
        fact
        for shape in drawn
        if isinstance(shape, Zones)
        for fact in _living(shape, close, unit)
        if abs(fact.distance_atr) <= _FARTHEST_ATR
    )
    return tuple(
        heapq.nsmallest(_MOST_ZONES, living, key=lambda z: (abs(z.distance_atr), z.kind, z.low))
    )


def _living(zones: Zones, close: float, unit: float) -> Iterator[ZoneFact]:
    live = zones.rows(zones.ended_ms == NEVER_MS)
    for low, high in zip(live.low.tolist(), live.high.tolist(), strict=True):
        distance = max(low - close, 0.0) + min(high - close, 0.0)
        yield ZoneFact(zones.name, low, high, distance / unit)


def _position(held: Position) -> Mapping[str, float | str]:
    told: dict[str, float | str] = {"direction": held.direction.value}
    if held.entry_price is not None:
        told["entry_price"] = held.entry_price
    return told | {"stop": held.stop, "target": held.target, "pnl": held.pnl}
