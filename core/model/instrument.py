"""What the exchange says of a symbol, exact to the digit: orders must keep to it."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

# Names may be non-ASCII or carry "_"; what they may not do is split a URL or a stream name.
_SYMBOL = re.compile(r"[^\s/\\@!?&#%a-z.]{2,40}")
_TRADING = "TRADING"
# States before a contract's first trade and after its last; any other state passes.
_NOT_YET_OR_NO_MORE = frozenset(
    {
        "PENDING_TRADING",
        "PRE_SETTLE",
        "SETTLING",
        "PRE_DELIVERING",
        "DELIVERING",
        "DELIVERED",
        "CLOSE",
    }
)


def is_symbol(name: str) -> bool:
    """Whether ``name`` can be a symbol of the exchange, and nothing worse."""
    return _SYMBOL.fullmatch(name) is not None and name.isprintable()


class ContractType(StrEnum):
    """Which kind of future a symbol is; only perpetuals matter here."""

    PERPETUAL = "PERPETUAL"
    TRADIFI_PERPETUAL = "TRADIFI_PERPETUAL"
    DATED = "DATED"
    """Has a delivery date, or is of a kind that came later than this code."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    A contract's trading rules.

    Attributes:
        tick_size: Smallest price step, in quote currency.
        step_size: Smallest quantity step, in base currency.
        min_notional: Smallest order value, in quote currency.
        status: As the exchange words it; ``TRADING`` is the one in which orders are taken.
        onboard_ms: When it was listed; None where not told.
        delivery_ms: When it will be, or was, settled for good; None while that is not planned.
        min_quantity: Smallest market order, in base currency.
        max_quantity: Largest market order, in base currency; infinite where not told.
    """

    symbol: str
    tick_size: Decimal
    step_size: Decimal
    min_notional: Decimal
    status: str = _TRADING
    contract_type: ContractType = ContractType.PERPETUAL
    quote: str = "USDT"
    onboard_ms: int | None = None
    delivery_ms: int | None = None
    min_quantity: Decimal = Decimal(0)
    max_quantity: Decimal = Decimal("Infinity")

    def __post_init__(self) -> None:
        if not is_symbol(self.symbol):
            raise ValueError(f"{self.symbol!r} is no name of a symbol")
        for name, value in (("tick size", self.tick_size), ("step size", self.step_size)):
            if not (value.is_finite() and value > 0):
                raise ValueError(f"{self.symbol}: {name} is {value}")
        if not (self.min_notional.is_finite() and self.min_notional >= 0):
            raise ValueError(f"{self.symbol}: minimum notional is {self.min_notional}")
        least, most = self.min_quantity, self.max_quantity
        if least.is_nan() or most.is_nan() or not 0 <= least <= most or most == 0:
            raise ValueError(f"{self.symbol}: quantities from {least} to {most}")

    @property
    def is_trading(self) -> bool:
        """Whether orders are taken now."""
        return self.status == _TRADING

    @property
    def is_perpetual(self) -> bool:
        """Whether it never expires."""
        return self.contract_type is not ContractType.DATED

    @property
    def has_sessions(self) -> bool:
        """Whether its market closes at times, as that of a stock does."""
        return self.contract_type is ContractType.TRADIFI_PERPETUAL

    @property
    def has_market(self) -> bool:
        """Whether it trades now or will again: one of TradFi also outside its session."""
        if self.has_sessions:
            return self.status not in _NOT_YET_OR_NO_MORE
        return self.is_trading

    @property
    def decimals(self) -> int:
        """How many decimals a price on the tick has."""
        exponent = self.tick_size.normalize().as_tuple().exponent
        return max(0, -int(exponent))

    def price_on_tick(self, price: float) -> Decimal:
        """
        Round to the nearest tick, a half to the even one.

        Raises:
            ValueError: If ``price`` is not finite.
        """
        steps = _finite(price) / self.tick_size
        return steps.to_integral_value(ROUND_HALF_EVEN) * self.tick_size

    def quantity_on_step(self, quantity: float | Decimal) -> Decimal:
        """
        Round down to a whole number of steps: never more than was asked for.

        Raises:
            ValueError: If ``quantity`` is not finite.
        """
        steps = _finite(quantity) / self.step_size
        return steps.to_integral_value(ROUND_DOWN) * self.step_size


def _finite(value: float | Decimal) -> Decimal:
    # By its text: 0.1 is a tenth, not the nearest binary fraction.
    number = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    if not number.is_finite():
        raise ValueError(f"must be a finite number, was {value}")
    return number
