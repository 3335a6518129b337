"""What the risk gate knows of the account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """
    The paper account at the instant of a decision.

    Attributes:
        equity: Balance and open P&L, in quote currency.
        open_symbols: Symbols with a pending or open trade.
        signals_last_hour: Of the whole system, by market time.
    """

    equity: float
    open_symbols: frozenset[str]
    signals_last_hour: int
