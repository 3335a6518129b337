"""What the exchange says of a symbol."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    A perpetual's trading rules.

    Attributes:
        tick_size: Smallest price step, in quote currency.
        step_size: Smallest quantity step, in base currency.
        min_notional: Smallest order value, in quote currency.
    """

    symbol: str
    tick_size: float
    step_size: float
    min_notional: float
    status: str = "TRADING"

    def __post_init__(self) -> None:
        if not (self.tick_size > 0.0 and self.step_size > 0.0 and self.min_notional >= 0.0):
            raise ValueError(
                f"{self.symbol}: tick {self.tick_size}, step {self.step_size}, "
                f"minimum notional {self.min_notional}"
            )
