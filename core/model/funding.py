"""What the longs of a perpetual pay the shorts, or the shorts the longs."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settlement:
    """
    One funding that took place.

    Attributes:
        at_ms: When, on the exchange's clock.
        rate: Fraction of the notional; longs pay a positive one.
        mark_price: The notional is quantity times this; None where not told.

    Raises:
        ValueError: If a number is not one.
    """

    at_ms: int
    rate: float
    mark_price: float | None = None

    def __post_init__(self) -> None:
        mark = self.mark_price
        if not math.isfinite(self.rate) or abs(self.rate) >= 1.0:
            raise ValueError(f"a funding rate of {self.rate}")
        if mark is not None and not (math.isfinite(mark) and mark > 0.0):
            raise ValueError(f"a mark price of {mark}")
