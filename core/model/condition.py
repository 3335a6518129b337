"""What would prove an idea wrong, in a form that a machine can check."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.model.intervals import Interval

_DIGITS: Final = 10  # of a price as it is printed
_TEXT: Final = re.compile(
    r"close (?P<side>below|above) (?P<price>\d{1,15}(?:,\d{3})*(?:\.\d{1,30})?)"
    r"(?: on (?P<interval>\w{2,3}))?",
    re.ASCII,
)


class Side(StrEnum):
    """Where a close must be for a condition to hold."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Condition:
    """
    A close beyond a price, such as ``close below 64,120 on 15m``.

    Attributes:
        interval: Of the closed candles that are looked at.

    Raises:
        ValueError: If the price is not positive and finite.
    """

    side: Side
    price: float
    interval: Interval

    def __post_init__(self) -> None:
        if not (math.isfinite(self.price) and self.price > 0.0):
            raise ValueError(f"a close cannot be {self.side} {self.price}")

    def met(self, close: float) -> bool:
        """Whether a closed candle of the interval fulfils it."""
        return close < self.price if self.side is Side.BELOW else close > self.price

    def __str__(self) -> str:
        # Never with an exponent: some contracts trade at a hundred-thousandth.
        price = Decimal(f"{self.price:.{_DIGITS}g}")
        return f"close {self.side} {price:,f} on {self.interval}"

    @classmethod
    def parse(cls, text: str, interval: Interval) -> "Condition | None":
        """
        Read what `__str__` writes, None where the text says anything else.

        Args:
            text: Of hostile origin; may leave out the interval and the thousands' commas.
            interval: Meant where the text names none.
        """
        found = _TEXT.fullmatch(text.strip().lower())
        if found is None:
            return None
        named = found["interval"]
        try:
            price = float(found["price"].replace(",", ""))
            return cls(Side(found["side"]), price, Interval(named) if named else interval)
        except ValueError:
            return None
