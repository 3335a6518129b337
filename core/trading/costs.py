"""What trading costs, besides being wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """
    Costs of a fill as fractions of its price (0.0005 = 5 bps).

    Attributes:
        taker_fee: Charged on the notional of every fill.
        slippage: By how much a market order fills worse than the price it saw.

    Raises:
        ValueError: If one of them is not in [0, 1).
    """

    taker_fee: float
    slippage: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.taker_fee < 1.0 and 0.0 <= self.slippage < 1.0):
            raise ValueError(
                f"costs must be in [0, 1): taker_fee {self.taker_fee}, slippage {self.slippage}"
            )
