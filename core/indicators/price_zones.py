"""
Ranges of price that began at a candle, became known at a later one, and live for a while.

What fair value gaps and order blocks have in common: when price comes back to them,
and when their life ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from core.indicators.candle_ranges import CandleRanges
from core.indicators.range_extremes import NEVER
from core.indicators.swings import RowArray
from core.model.candles import FloatArray
from core.model.shape_columns import SignArray


@dataclass(frozen=True, slots=True, eq=False)
class PriceZones:
    """
    Columns of shape ``(m,)``, ordered by ``confirmed_row``.

    Attributes:
        from_row: Candle the zone is drawn from.
        confirmed_row: Candle whose close made it known.
        side: +1 below price, expected to hold it up; -1 above price.
        strength: 0 to 1, as known at ``confirmed_row``.
    """

    from_row: RowArray
    confirmed_row: RowArray
    side: SignArray
    low: FloatArray
    high: FloatArray
    strength: FloatArray

    def __len__(self) -> int:
        return int(self.from_row.size)

    def rows(self, where: npt.NDArray[np.bool_]) -> "PriceZones":
        """Return the chosen zones."""
        return PriceZones(
            self.from_row[where],
            self.confirmed_row[where],
            self.side[where],
            self.low[where],
            self.high[where],
            self.strength[where],
        )


@dataclass(frozen=True, slots=True, eq=False)
class ZoneLives:
    """
    What happened to zones, as rows of candles, `NEVER` where it has not (yet).

    Attributes:
        ended_row: Where the life ended.
        events: By name; none later than ``ended_row``.
    """

    ended_row: RowArray
    events: Mapping[str, RowArray]


def first_touch(zones: PriceZones, ranges: CandleRanges, horizon: int) -> RowArray:
    """
    First row after a zone was known at which price traded at its near edge or beyond.

    Returns:
        Rows within ``horizon`` candles of the confirmation, else `NEVER`.
    """
    up = zones.side > 0
    near = np.where(up, zones.high, zones.low)
    return ranges.first_traded(~up, zones.confirmed_row + 1, near, horizon)


def first_close_through(zones: PriceZones, ranges: CandleRanges, horizon: int) -> RowArray:
    """First row after a zone was known with a close past its far edge, as `first_touch`."""
    up = zones.side > 0
    far = np.where(up, zones.low, zones.high)
    return ranges.first_closed(~up, zones.confirmed_row + 1, far, horizon)


def zone_lives(
    zones: PriceZones,
    life_candles: int,
    n: int,
    *,
    endings: Mapping[str, RowArray],
    visits: Mapping[str, RowArray],
) -> ZoneLives:
    """
    Let each zone live until the first of its endings, or ``life_candles`` ("expired").

    Args:
        zones: Of a series of candles.
        life_candles: How long a zone lives at most, counted from its confirmation.
        n: Number of candles in the series.
        endings: Rows of what ends a zone, by name.
        visits: Rows of what may happen to a living zone, by name.
    """
    never = np.iinfo(np.intp).max
    expiry = zones.confirmed_row + life_candles
    expiry[expiry >= n] = never
    end = expiry.copy()
    for row in endings.values():
        np.minimum(end, row, out=end, where=row != NEVER)
    events = {
        name: np.where(row <= end, row, NEVER) for name, row in (*visits.items(), *endings.items())
    }
    alive = end == never
    not_expired = alive.copy()
    for name in endings:
        not_expired |= events[name] == end
    expiry[not_expired] = NEVER
    end[alive] = NEVER
    events["expired"] = expiry
    return ZoneLives(end, MappingProxyType(events))
