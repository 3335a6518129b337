"""Which liquidity is nearest to price, and how long ago some was taken."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import TimeArray
from core.model.events import NEVER_MS, Zones
from core.model.intervals import Interval

SWEEP_MEMORY_CANDLES = 120
"""A sweep longer ago counts as none: what is told about it must fit into a window."""
_SWEPT = "swept"


@dataclass(frozen=True, slots=True)
class NearestZone:
    """
    The live zone that price would reach first.

    Attributes:
        distance: From the price to the nearer edge, in price units; 0 inside.
        strength: 0 to 1, of the zone.
        zones: How many live on this side.
    """

    distance: float
    strength: float
    zones: int


def nearest_zone(zones: Zones, price: float, known_ms: int) -> NearestZone | None:
    """
    Return the zone that is nearest to ``price`` among those alive at ``known_ms``.

    Of zones equally near, the strongest.

    Args:
        zones: Of one side; what became known later is left out.
        price: Close of the newest candle.
        known_ms: Close time of that candle.

    Returns:
        None where no zone lives.
    """
    lives = np.flatnonzero(
        (zones.confirmed_ms <= known_ms)
        & ((zones.ended_ms == NEVER_MS) | (zones.ended_ms > known_ms))
    )
    if lives.size == 0:
        return None
    below, above = zones.low[lives] - price, price - zones.high[lives]
    distance = np.maximum(np.maximum(below, above), 0.0)
    strength = zones.strength[lives]
    chosen = np.lexsort((-strength, distance))[0]
    return NearestZone(float(distance[chosen]), float(strength[chosen]), int(lives.size))


def candles_since_sweep(zones: Zones, known_ms: int, interval: Interval) -> int | None:
    """
    Return how many candles ago the newest sweep of ``zones`` became known, 0 for just now.

    None where the last `SWEEP_MEMORY_CANDLES` candles held none.
    """
    swept_ms: TimeArray = zones.events[_SWEPT]
    told = swept_ms[(swept_ms != NEVER_MS) & (swept_ms <= known_ms)]
    if told.size == 0:
        return None
    candles = (known_ms - int(told.max())) // interval.duration_ms
    return candles if candles < SWEEP_MEMORY_CANDLES else None
