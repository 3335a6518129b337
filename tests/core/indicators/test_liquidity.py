import numpy as np
import pytest

from core.indicators.liquidity import (
    SWEEP_MEMORY_CANDLES,
    NearestZone,
    candles_since_sweep,
    nearest_zone,
)
from core.model.events import NEVER_MS, Zones
from core.model.intervals import Interval

MINUTE = 60_000


def zones(*rows):
    """Zones of (confirmed, swept, low, high, strength), in minutes; None for not swept."""
    confirmed, swept, low, high, strength = zip(*rows, strict=True) if rows else [()] * 5
    ended_ms = np.array([NEVER_MS if at is None else at * MINUTE for at in swept], dtype=np.int64)
    confirmed_ms = np.array(confirmed, dtype=np.int64) * MINUTE
    return Zones(
        "Buy-side liquidity",
        np.full(len(rows), -1, dtype=np.int8),
        confirmed_ms - MINUTE,
        confirmed_ms,
        ended_ms,
        np.array(low, dtype=float),
        np.array(high, dtype=float),
        np.array(strength, dtype=float),
        {"swept": ended_ms.copy()},
    )


FOUR = zones(
    (1, None, 110.0, 111.0, 0.4),
    (2, 8, 104.0, 105.0, 0.9),
    (3, None, 107.0, 108.0, 0.5),
    (9, None, 103.0, 104.0, 0.6),
)


def test_the_nearest_is_the_one_price_would_reach_first():
    assert nearest_zone(FOUR, 100.0, 10 * MINUTE) == NearestZone(3.0, 0.6, 3)


def test_a_zone_that_is_not_known_yet_or_has_ended_is_not_there():
    assert nearest_zone(FOUR, 100.0, 7 * MINUTE) == NearestZone(4.0, 0.9, 3)
    assert nearest_zone(FOUR, 100.0, 8 * MINUTE) == NearestZone(7.0, 0.5, 2)
    assert nearest_zone(FOUR, 100.0, 0) is None
    assert nearest_zone(zones(), 100.0, 0) is None


@pytest.mark.parametrize(("price", "distance"), [(103.5, 0.0), (105.0, 1.0), (102.0, 1.0)])
def test_the_distance_is_to_the_nearer_edge_and_none_inside(price, distance):
    only = zones((1, None, 103.0, 104.0, 0.6))
    found = nearest_zone(only, price, 10 * MINUTE)
    assert found is not None
    assert found.distance == distance


def test_of_zones_equally_near_the_strongest_is_told():
    both = zones((1, None, 103.0, 105.0, 0.2), (2, None, 103.0, 104.0, 0.7))
    assert nearest_zone(both, 100.0, 5 * MINUTE) == NearestZone(3.0, 0.7, 2)


def test_candles_since_a_sweep_count_from_the_newest_known_one():
    swept = zones((1, 8, 1.0, 2.0, 0.5), (2, 30, 1.0, 2.0, 0.5))
    assert candles_since_sweep(swept, 8 * MINUTE, Interval.M1) == 0
    assert candles_since_sweep(swept, 29 * MINUTE, Interval.M1) == 21
    assert candles_since_sweep(swept, 35 * MINUTE, Interval.M5) == 1


def test_no_sweep_or_one_too_long_ago_is_none():
    swept = zones((1, 8, 1.0, 2.0, 0.5))
    assert candles_since_sweep(swept, 7 * MINUTE, Interval.M1) is None
    last = 8 + SWEEP_MEMORY_CANDLES - 1
    assert candles_since_sweep(swept, last * MINUTE, Interval.M1) == SWEEP_MEMORY_CANDLES - 1
    assert candles_since_sweep(swept, (last + 1) * MINUTE, Interval.M1) is None
    assert candles_since_sweep(zones(), 0, Interval.M1) is None
