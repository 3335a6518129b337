"""How far the account fell, for how long, and how much of the time it was at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.model.equity import EquityPoint
from core.model.intervals import Interval


@dataclass(frozen=True, slots=True)
class Drawdown:
    """
    The deepest fall below an earlier peak.

    Attributes:
        depth: As a fraction of the peak; 0.0 when equity never fell.
        days: From the peak to the first point that reached it again, else to the last point.
        recovered: Whether it was reached again; True when equity never fell.
    """

    depth: float
    days: float
    recovered: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    How much was at stake over time; each point stands until the next one.

    Attributes:
        mean: Time-weighted mean of the notional, as a multiple of the equity.
        time_in_market: Share of the time in which anything was held.
    """

    mean: float
    time_in_market: float


def deepest_drawdown(equity: Sequence[EquityPoint], starting_equity: float) -> Drawdown | None:
    """
    Return the deepest fall, the earliest of several alike; None without a curve.

    Args:
        equity: Oldest first, open P&L included.
        starting_equity: The first peak, at the time of the first point; positive.
    """
    if not equity:
        return None
    peak, peak_ms = starting_equity, equity[0].at_ms
    deepest, began_ms, level = 0.0, peak_ms, peak
    for point in equity:
        if point.equity >= peak:
            peak, peak_ms = point.equity, point.at_ms
        depth = (peak - point.equity) / peak
        if depth > deepest:
            deepest, began_ms, level, bottom_ms = depth, peak_ms, peak, point.at_ms
    if deepest == 0.0:
        return Drawdown(0.0, 0.0, recovered=True)
    regained = (p.at_ms for p in equity if p.at_ms > bottom_ms and p.equity >= level)
    ended_ms = next(regained, None)
    until_ms = equity[-1].at_ms if ended_ms is None else ended_ms
    days = (until_ms - began_ms) / Interval.D1.duration_ms
    return Drawdown(deepest, days, recovered=ended_ms is not None)


def max_drawdown(equity: Sequence[EquityPoint], starting_equity: float) -> float | None:
    """Return the depth of `deepest_drawdown`; None without a curve."""
    found = deepest_drawdown(equity, starting_equity)
    return found.depth if found else None


def exposure_of(equity: Sequence[EquityPoint]) -> Exposure | None:
    """
    Return what was at stake; None while the curve covers no time.

    Args:
        equity: Oldest first.
    """
    stretches = [(now.exposure, then.at_ms - now.at_ms) for now, then in pairwise(equity)]
    whole_ms = sum(length_ms for _, length_ms in stretches)
    if whole_ms <= 0:
        return None
    return Exposure(
        mean=sum(exposure * length_ms for exposure, length_ms in stretches) / whole_ms,
        time_in_market=sum(length for exposure, length in stretches if exposure > 0.0) / whole_ms,
    )
