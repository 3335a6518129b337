"""Closed trades and equity curves for the tests of the metrics."""

from core.model.equity import EquityPoint
from core.model.signal import Direction
from core.model.trade import Trade, TradeStatus
from tests.builders import START_MS

DAY_MS = 86_400_000


def closed(
    pnl: float,
    r_multiple: float | None = None,
    fees: float = 0.0,
    *,
    confidence: float = 0.0,
    funding: float = 0.0,
) -> Trade:
    """A trade that brought ``pnl``."""
    return Trade(
        id=1,
        symbol="BTCUSDT",
        direction=Direction.LONG,
        status=TradeStatus.CLOSED,
        quantity=1.0,
        decided_ms=START_MS,
        stop=99.0,
        target=102.0,
        last_bar_ms=START_MS,
        confidence=confidence,
        exit_ms=START_MS,
        fees=fees,
        funding=funding,
        pnl=pnl,
        r_multiple=r_multiple,
    )


def curve(*equity: float, step_ms: int = DAY_MS, first_ms: int = START_MS) -> list[EquityPoint]:
    """Points ``step_ms`` apart, the first at the end of a step."""
    return [
        EquityPoint(first_ms + (n + 1) * step_ms, value, value, 0.0)
        for n, value in enumerate(equity)
    ]
