"""How much of a perpetual is held: what was opened and not closed again."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """
    What was held at one moment; each contract has a long and a short, and counts once.

    Attributes:
        at_ms: When, on the exchange's clock.
        contracts: In base currency.

    Raises:
        ValueError: If the number is none, or negative.
    """

    at_ms: int
    contracts: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.contracts) and self.contracts >= 0.0):
            raise ValueError(f"an open interest of {self.contracts}")
