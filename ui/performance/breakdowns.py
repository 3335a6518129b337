"""Closed trades by symbol, by reason of exit, by day and by size of result."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, fsum
from statistics import fmean

from core.model.intervals import Interval
from core.model.trade import ExitReason, Trade

R_STEP = 0.5
"""Width of a class of R multiples."""
R_LEAST, R_MOST = -3.0, 6.0
"""What lies beyond is counted in the outermost classes."""

REASON_WORDS = {
    ExitReason.STOP: "stop",
    ExitReason.TARGET: "target",
    ExitReason.OPPOSITE: "opposite signal",
    ExitReason.INVALIDATED: "invalidated",
    ExitReason.EXPIRED: "time was over",
    ExitReason.ANALYST: "the analyst closed it",
    ExitReason.BEYOND_STOP: "price beyond the stop",
    ExitReason.BEYOND_TARGET: "price beyond the target",
    ExitReason.RAN_AWAY: "price ran away",
    ExitReason.BY_HAND: "closed by hand",
}


@dataclass(frozen=True, slots=True)
class Share:
    """
    What one group of trades brought.

    Attributes:
        won: How many earned money after costs.
        r: Mean in multiples of the money risked; None where no trade has one.
    """

    name: str
    count: int
    won: int
    usd: float
    r: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """Trades closed on a UTC day, ``at_ms`` its beginning."""

    at_ms: int
    won: int
    lost: int
    usd: float


def by_symbol(trades: Sequence[Trade]) -> list[Share]:
    """Return a group per symbol, the best result first."""
    return _shares(trades, lambda trade: trade.symbol)


def by_reason(trades: Sequence[Trade]) -> list[Share]:
    """Return a group per reason of exit, the best result first."""
    return _shares(
        trades, lambda t: "not told" if t.exit_reason is None else REASON_WORDS[t.exit_reason]
    )


def by_day(trades: Sequence[Trade]) -> list[Day]:
    """Return the days on which a trade was closed, oldest first."""
    found: dict[int, list[float]] = defaultdict(list)
    for trade in trades:
        if trade.exit_ms is not None and trade.pnl is not None:
            found[Interval.D1.open_time_ms(trade.exit_ms)].append(trade.pnl)
    return [
        Day(at_ms, sum(p > 0.0 for p in pnls), sum(p <= 0.0 for p in pnls), fsum(pnls))
        for at_ms, pnls in sorted(found.items())
    ]


def by_multiple(trades: Sequence[Trade]) -> list[tuple[float, int]]:
    """Return the lower edge of each class of R, from the lowest to the highest, and its count."""
    multiples = [trade.r_multiple for trade in trades if trade.r_multiple is not None]
    if not multiples:
        return []
    last = round((R_MOST - R_LEAST) / R_STEP) - 1
    counts = [0] * (last + 1)
    for r in multiples:
        counts[min(max(floor((r - R_LEAST) / R_STEP), 0), last)] += 1
    return [(R_LEAST + i * R_STEP, count) for i, count in enumerate(counts)]


def _shares(trades: Sequence[Trade], group: Callable[[Trade], str]) -> list[Share]:
    groups: dict[str, list[Trade]] = defaultdict(list)
    for trade in trades:
        groups[group(trade)].append(trade)
    shares = [_share(name, found) for name, found in groups.items()]
    return sorted(shares, key=lambda share: (-share.usd, share.name))


def _share(name: str, trades: Sequence[Trade]) -> Share:
    pnls = [trade.pnl for trade in trades if trade.pnl is not None]
    multiples = [trade.r_multiple for trade in trades if trade.r_multiple is not None]
    won = sum(pnl > 0.0 for pnl in pnls)
    return Share(name, len(trades), won, fsum(pnls), fmean(multiples) if multiples else None)
