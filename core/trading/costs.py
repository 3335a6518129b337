"""What trading costs, besides being wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """
    Costs of a fill as fractions of its price (0.0005 = 5 bps).

    Attributes:
        taker_fee: Charged on the notional of every market order: entries and stops.
        slippage: By how much a market order fills worse than the price it saw.
        maker_fee: Charged where the order rested in the book: at the target. None is the
            taker's fee.

    Raises:
        ValueError: If one of them is not in [0, 1).
    """

    taker_fee: float
    slippage: float
    maker_fee: float | None = None

    def __post_init__(self) -> None:
        if not all(0.0 <= cost < 1.0 for cost in (self.taker_fee, self.slippage, self.target_fee)):
            raise ValueError(
                f"costs must be in [0, 1): taker_fee {self.taker_fee}, "
                f"slippage {self.slippage}, maker_fee {self.maker_fee}"
            )

    @property
    def target_fee(self) -> float:
        """What the fill at the target is charged."""
        return self.taker_fee if self.maker_fee is None else self.maker_fee
