"""What closed trades brought, one by one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.model.trade import Trade, TradeStatus


@dataclass(frozen=True, slots=True)
class TradeResults:
    """
    Closed trades as numbers, each list sorted: the order of trades must not matter.

    Attributes:
        pnls: After fees and funding, in quote currency.
        multiples: The same in multiples of the money risked; trades without one are left out.
        fees, funding: Paid on them in sum, in quote currency.
    """

    count: int
    pnls: tuple[float, ...]
    multiples: tuple[float, ...]
    fees: float
    funding: float

    @property
    def win_rate(self) -> float | None:
        """Fraction that earned money; None without a trade."""
        return fmean(pnl > 0.0 for pnl in self.pnls) if self.pnls else None


def closed_of(trades: Sequence[Trade]) -> tuple[Trade, ...]:
    """Return the closed ones, in the order given."""
    return tuple(trade for trade in trades if trade.status is TradeStatus.CLOSED)


def results_of(trades: Sequence[Trade]) -> TradeResults:
    """Sum up the closed ones among ``trades``."""
    closed = closed_of(trades)
    return TradeResults(
        count=len(closed),
        pnls=tuple(sorted(trade.pnl for trade in closed if trade.pnl is not None)),
        multiples=tuple(
            sorted(trade.r_multiple for trade in closed if trade.r_multiple is not None)
        ),
        fees=math.fsum(trade.fees for trade in closed),
        funding=math.fsum(trade.funding for trade in closed),
    )


def profit_factor(results: Sequence[float]) -> float | None:
    """
    Return the sum of gains divided by the sum of losses; None without a loss.

    Args:
        results: P&L of closed trades after fees, in any order.
    """
    lost = -math.fsum(pnl for pnl in results if pnl < 0.0)
    return math.fsum(pnl for pnl in results if pnl > 0.0) / lost if lost > 0.0 else None
