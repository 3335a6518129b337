"""Whether the decisions have been any good: pure arithmetic on trades and the equity curve."""

from core.signals.metrics.bootstrap import Bounds
from core.signals.metrics.calibration import Bucket, Calibration, calibration_of
from core.signals.metrics.drawdown import max_drawdown
from core.signals.metrics.returns import daily_returns, sharpe, sortino
from core.signals.metrics.summary import (
    SuccessBounds,
    SuccessMetrics,
    success_bounds,
    success_metrics,
)
from core.signals.metrics.trades import profit_factor

__all__ = [
    "Bounds",
    "Bucket",
    "Calibration",
    "SuccessBounds",
    "SuccessMetrics",
    "calibration_of",
    "daily_returns",
    "max_drawdown",
    "profit_factor",
    "sharpe",
    "sortino",
    "success_bounds",
    "success_metrics",
]
