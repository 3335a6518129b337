"""What the account's worth did from day to day, and the ratios that are made of it."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from core.model.equity import EquityPoint
from core.model.intervals import Interval

DAYS_PER_YEAR = 365  # perpetuals trade every day
LEAST_RETURNS = 2  # a deviation needs two values
# Compounding a few lucky days to a year gives absurd figures: a month at least is asked for.
LEAST_DAYS_OF_CALMAR = 30


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
    if len(returns) < LEAST_RETURNS:
        return None
    deviation = stdev(returns)
    return fmean(returns) / deviation * math.sqrt(DAYS_PER_YEAR) if deviation > 0.0 else None


def sortino(returns: Sequence[float]) -> float | None:
    """
    Return the annualised Sortino ratio: mean / downside deviation * sqrt(365).

    The target is zero. The downside deviation is the root of the mean square of what
    each day lost, over all days: a day that lost nothing counts as zero.

    Args:
        returns: Daily, as fractions.

    Returns:
        None with fewer than two days, or when no day lost anything.

    Source:
        F. Sortino, L. Price, *Performance Measurement in a Downside Risk Framework*,
        Journal of Investing 3 (1994).
    """
    if len(returns) < LEAST_RETURNS:
        return None
    downside = math.sqrt(fmean(min(value, 0.0) ** 2 for value in returns))
    return fmean(returns) / downside * math.sqrt(DAYS_PER_YEAR) if downside > 0.0 else None


def calmar(returns: Sequence[float], max_drawdown: float | None) -> float | None:
    """
    Return the Calmar ratio: annualised return / maximum drawdown.

    The whole return is compounded to a year: ``(end / start) ** (365 / days) - 1``.

    Args:
        returns: Daily, as fractions, -1 or more.
        max_drawdown: Of the same time, as a fraction.

    Returns:
        None with fewer than 30 days, without a drawdown, or when the annualised
        return is beyond what a float holds.

    Source:
        T. W. Young, *Calmar Ratio: A Smoother Tool*, Futures (1991); without his
        window of 36 months.
    """
    if len(returns) < LEAST_DAYS_OF_CALMAR or not max_drawdown:
        return None
    growth = math.prod(1.0 + value for value in returns)
    if growth <= 0.0:
        return -1.0 / max_drawdown
    try:
        return (growth ** (DAYS_PER_YEAR / len(returns)) - 1.0) / max_drawdown
    except OverflowError:
        return None
