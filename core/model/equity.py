"""The account's worth over time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """
    The paper account at one instant of feed time, in quote currency.

    Attributes:
        equity: ``balance`` plus ``open_pnl``.
        balance: Starting equity plus everything realised.
        open_pnl: Of open positions, after costs.
    """

    at_ms: int
    equity: float
    balance: float
    open_pnl: float
