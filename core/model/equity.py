"""The account's worth over time."""

from dataclasses import dataclass

from core.model.source import Source


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """
    The paper account at one instant of feed time, in quote currency.

    Attributes:
        equity: ``balance`` plus ``open_pnl``.
        balance: Starting equity plus everything realised.
        open_pnl: Of open positions, after costs.
        exposure: Notional of open positions, as a multiple of the equity.
        source: Whose account.
    """

    at_ms: int
    equity: float
    balance: float
    open_pnl: float
    exposure: float = 0.0
    source: Source = Source.POLICY
