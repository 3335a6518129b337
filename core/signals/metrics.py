"""Whether the decisions have been any good: pure arithmetic on trades and the equity curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.trade import Trade, TradeStatus

DAYS_PER_YEAR = 365  # perpetuals trade every day


@dataclass(frozen=True, slots=True)
class SuccessMetrics:
    """
    What came of all signals so far; None where there is too little to say.

    Attributes:
        win_rate: Fraction of closed trades that earned money after fees.
        profit_factor: Money won / money lost; None while nothing was lost.
        expectancy_usd, expectancy_r: Mean result of a closed trade, in quote
            currency and in multiples of the money risked.
        sharpe: See `sharpe`.
        max_drawdown: See `max_drawdown`.
        fees_usd, net_pnl_usd: Sums over closed trades; P&L is after fees.
    """

    signals: int
    closed_trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy_usd: float | None
    expectancy_r: float | None
    sharpe: float | None
    max_drawdown: float | None
    fees_usd: float
    net_pnl_usd: float


def success_metrics(
    trades: Sequence[Trade],
    equity: Sequence[EquityPoint],
    *,
    signals: int,
    starting_equity: float,
) -> SuccessMetrics:
    """
    Judge a trading history.

    Args:
        trades: In any order; only closed ones count.
        equity: Oldest first.
        signals: How many were given.
        starting_equity: What the account began with, in quote currency.

    Raises:
        ValueError: If the starting equity is not positive.
    """
    if not starting_equity > 0.0:
        raise ValueError(f"starting equity must be positive, was {starting_equity}")
    closed = [trade for trade in trades if trade.status is TradeStatus.CLOSED]
    results = [trade.pnl for trade in closed if trade.pnl is not None]
    multiples = [trade.r_multiple for trade in closed if trade.r_multiple is not None]
    return SuccessMetrics(
        signals=signals,
        closed_trades=len(closed),
        win_rate=fmean(pnl > 0.0 for pnl in results) if results else None,
        profit_factor=profit_factor(results),
        expectancy_usd=fmean(results) if results else None,
        expectancy_r=fmean(multiples) if multiples else None,
        sharpe=sharpe(daily_returns(equity, starting_equity)),
        max_drawdown=max_drawdown(equity, starting_equity),
        fees_usd=math.fsum(trade.fees for trade in closed),
        net_pnl_usd=math.fsum(results),
    )


def profit_factor(results: Sequence[float]) -> float | None:
    """
    Return the sum of gains divided by the sum of losses; None without a loss.

    Args:
        results: P&L of closed trades after fees, in any order.
    """
    lost = -math.fsum(pnl for pnl in results if pnl < 0.0)
    return math.fsum(pnl for pnl in results if pnl > 0.0) / lost if lost > 0.0 else None


def daily_returns(equity: Sequence[EquityPoint], starting_equity: float) -> list[float]:
    """
    Return the change of equity, open P&L included, over each UTC day of the curve.

    A day ends with its last point, midnight included; a day without a point ends
    where the day before did. The first day is measured against the starting equity.

    Args:
        equity: Oldest first.
        starting_equity: Positive, in quote currency.

    Returns:
        Fractions; empty also when the account was ever worth nothing at a day's end,
        as returns on nothing have no meaning.
    """
    last_of_day = {(p.at_ms - 1) // Interval.D1.duration_ms: p.equity for p in equity}
    if not last_of_day:
        return []
    returns = []
    before = starting_equity
    for day in range(min(last_of_day), max(last_of_day) + 1):
        if before <= 0.0:
            return []
        now = last_of_day.get(day, before)
        returns.append(now / before - 1.0)
        before = now
    return returns


def sharpe(returns: Sequence[float]) -> float | None:
    """
    Return the annualised Sharpe ratio: mean / standard deviation * sqrt(365).

    The risk-free rate is taken as zero; the deviation has n - 1 degrees of freedom.

    Args:
        returns: Daily, as fractions.

    Returns:
        None with fewer than two days, or when all days were alike.

    Source:
        W. F. Sharpe, *The Sharpe Ratio*, Journal of Portfolio Management 21 (1994).
    """
    if len(returns) < 2:  # noqa: PLR2004 - a deviation needs two values
        return None
    deviation = stdev(returns)
    return fmean(returns) / deviation * math.sqrt(DAYS_PER_YEAR) if deviation > 0.0 else None


def max_drawdown(equity: Sequence[EquityPoint], starting_equity: float) -> float | None:
    """
    Return the deepest fall below an earlier peak, as a fraction of that peak.

    Args:
        equity: Oldest first, open P&L included.
        starting_equity: The first peak; positive.

    Returns:
        0.0 when equity never fell; None without a curve.
    """
    if not equity:
        return None
    peak, deepest = starting_equity, 0.0
    for point in equity:
        peak = max(peak, point.equity)
        deepest = max(deepest, (peak - point.equity) / peak)
    return deepest
