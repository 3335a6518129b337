"""What one way to decide earned beyond another, entry by entry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean

from core.model.intervals import Interval
from core.model.trade import Trade, TradeStatus
from core.signals.metrics import Bounds
from core.signals.metrics.bootstrap import bounds_of, mean_of_rows


@dataclass(frozen=True, slots=True)
class AddedValue:
    """
    Results of one account less those of another.

    Attributes:
        entries: Bars after which either of them entered a symbol.
        usd: Of all entries, after fees and funding; before what the model's answers cost.
        r: Mean of an entry, in multiples of the money risked; None without an entry.
        usd_bounds, r_bounds: 95 % by bootstrap over entries; None below ten of them.
    """

    entries: int
    usd: float
    r: float | None
    usd_bounds: Bounds | None
    r_bounds: Bounds | None


@dataclass(slots=True)
class _Entry:
    usd: float = 0.0
    r: float = 0.0


def added_value(trades: Sequence[Trade], others: Sequence[Trade], interval: Interval) -> AddedValue:
    """
    Compare two accounts by the closed ones among their trades.

    Accounts decide on the same closed bar but not in the same instant: the model takes its time,
    though less than a bar. So entries belong together that were decided within one.

    An entry that only one of them made counts as 0 for the other; one that both made counts
    with what exits and size made of it. So where both did the same, nothing was added, and the
    market they had in common is no part of the interval.
    """
    mine, theirs = _by_entry(trades, interval), _by_entry(others, interval)
    nothing = _Entry()
    pairs = [(mine.get(at, nothing), theirs.get(at, nothing)) for at in sorted({*mine, *theirs})]
    usd = [one.usd - other.usd for one, other in pairs]
    multiples = [one.r - other.r for one, other in pairs]
    mean_usd = bounds_of(usd, mean_of_rows)
    return AddedValue(
        entries=len(pairs),
        usd=fsum(usd),
        r=fmean(multiples) if multiples else None,
        usd_bounds=_times(mean_usd, len(usd)),
        r_bounds=bounds_of(multiples, mean_of_rows),
    )


def _by_entry(trades: Iterable[Trade], interval: Interval) -> dict[tuple[int, str], _Entry]:
    """Sum up the parts a trade was closed in; its R is theirs, weighted by their size."""
    parts: dict[tuple[int, str], list[Trade]] = defaultdict(list)
    for trade in trades:
        if trade.status is TradeStatus.CLOSED and trade.pnl is not None:
            parts[interval.open_time_ms(trade.decided_ms), trade.symbol].append(trade)
    return {at: _Entry(fsum(t.pnl or 0.0 for t in found), _multiple(found))
            for at, found in parts.items()}  # fmt: skip


def _multiple(parts: Sequence[Trade]) -> float:
    size = fsum(part.quantity for part in parts)
    if size <= 0.0:
        return 0.0
    return fsum((part.r_multiple or 0.0) * part.quantity for part in parts) / size


def _times(bounds: Bounds | None, count: int) -> Bounds | None:
    if bounds is None:
        return None
    return Bounds(bounds.low * count, None if bounds.high is None else bounds.high * count)
