"""Everything that is told of one account."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean

from core.model.equity import EquityPoint
from core.model.trade import Trade
from core.signals.metrics.bootstrap import (
    Bounds,
    bounds_of,
    mean_of_rows,
    profit_factor_of_rows,
    sharpe_of_rows,
    sortino_of_rows,
    win_rate_of_rows,
)
from core.signals.metrics.drawdown import deepest_drawdown, exposure_of
from core.signals.metrics.returns import calmar, daily_returns, sharpe, sortino
from core.signals.metrics.trades import profit_factor, results_of


@dataclass(frozen=True, slots=True)
class SuccessMetrics:
    """
    What came of all signals so far; None where there is too little to say.

    Attributes:
        win_rate: Fraction of closed trades that earned money after costs.
        profit_factor: Money won / money lost; None while nothing was lost.
        expectancy_usd, expectancy_r: Mean result of a closed trade, in quote
            currency and in multiples of the money risked (the average R).
        sharpe, sortino, calmar: See the functions of these names; ``days`` of returns.
        max_drawdown, drawdown_days, drawdown_recovered: See `Drawdown`.
        exposure, time_in_market: See `Exposure`.
        fees_usd, funding_usd: Paid on closed trades; funding is negative where received.
        llm_usd: What the model's answers cost; not part of the P&L.
        net_pnl_usd: Of closed trades, after fees and funding.
    """

    signals: int
    closed_trades: int
    win_rate: float | None
    profit_factor: float | None
    expectancy_usd: float | None
    expectancy_r: float | None
    days: int
    sharpe: float | None
    sortino: float | None
    calmar: float | None
    max_drawdown: float | None
    drawdown_days: float | None
    drawdown_recovered: bool | None
    exposure: float | None
    time_in_market: float | None
    fees_usd: float
    funding_usd: float
    llm_usd: float
    net_pnl_usd: float


@dataclass(frozen=True, slots=True)
class SuccessBounds:
    """95 % intervals of the metrics of the same names; by trade, but the ratios by day."""

    win_rate: Bounds | None
    profit_factor: Bounds | None
    expectancy_usd: Bounds | None
    expectancy_r: Bounds | None
    sharpe: Bounds | None
    sortino: Bounds | None


def success_metrics(
    trades: Sequence[Trade],
    equity: Sequence[EquityPoint],
    *,
    signals: int,
    starting_equity: float,
    llm_usd: float = 0.0,
) -> SuccessMetrics:
    """
    Judge a trading history.

    Args:
        trades: In any order; only closed ones count.
        equity: Oldest first.
        signals: How many were given.
        starting_equity: What the account began with, in quote currency.
        llm_usd: What was paid for the model's answers.

    Raises:
        ValueError: If the starting equity is not positive.
    """
    if not starting_equity > 0.0:
        raise ValueError(f"starting equity must be positive, was {starting_equity}")
    results = results_of(trades)
    returns = daily_returns(equity, starting_equity)
    fall = deepest_drawdown(equity, starting_equity)
    exposure = exposure_of(equity)
    return SuccessMetrics(
        signals=signals,
        closed_trades=results.count,
        win_rate=results.win_rate,
        profit_factor=profit_factor(results.pnls),
        expectancy_usd=fmean(results.pnls) if results.pnls else None,
        expectancy_r=fmean(results.multiples) if results.multiples else None,
        days=len(returns),
        sharpe=sharpe(returns),
        sortino=sortino(returns),
        calmar=calmar(returns, fall.depth if fall else None),
        max_drawdown=fall.depth if fall else None,
        drawdown_days=fall.days if fall else None,
        drawdown_recovered=fall.recovered if fall else None,
        exposure=exposure.mean if exposure else None,
        time_in_market=exposure.time_in_market if exposure else None,
        fees_usd=results.fees,
        funding_usd=results.funding,
        llm_usd=llm_usd,
        net_pnl_usd=fsum(results.pnls),
    )


def success_bounds(
    trades: Sequence[Trade], equity: Sequence[EquityPoint], *, starting_equity: float
) -> SuccessBounds:
    """
    Return how far the metrics could be off by luck alone.

    Args:
        trades: In any order; only closed ones count.
        equity: Oldest first.
        starting_equity: As for `success_metrics`.
    """
    results = results_of(trades)
    returns = daily_returns(equity, starting_equity)
    return SuccessBounds(
        win_rate=bounds_of(results.pnls, win_rate_of_rows),
        profit_factor=bounds_of(results.pnls, profit_factor_of_rows),
        expectancy_usd=bounds_of(results.pnls, mean_of_rows),
        expectancy_r=bounds_of(results.multiples, mean_of_rows),
        sharpe=bounds_of(returns, sharpe_of_rows),
        sortino=bounds_of(returns, sortino_of_rows),
    )
