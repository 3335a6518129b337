"""What the simulated exchange lists: precision, filters and the size of each market."""

import math
import re
import zlib
from dataclasses import dataclass

from core.simulator.errors import SimulatorError

# What may not split a URL or a stream name; lower case would not survive stream names.
_SYMBOL = re.compile(r"[^\s/\\@!?&#%\"a-z.]{2,40}")
_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "BTC", "ETH", "USD")


@dataclass(frozen=True, slots=True)
class Listing:
    """
    One perpetual: how its numbers are written, and how big its market is.

    Prices are held as integers in units of ``10**-price_decimals``, quantities in units of
    ``10**-quantity_decimals``; sums of their products are exact, so every fold agrees.

    Attributes:
        tick_units: Smallest price step in price units.
        typical_price: Where a generated market lives, in quote currency.
        minute_notional: Quote volume of an ordinary minute of a generated market.
        min_notional: Smallest order value, in quote currency.
    """

    symbol: str
    price_decimals: int
    tick_units: int
    quantity_decimals: int
    typical_price: float
    minute_notional: float = 400_000.0
    min_notional: int = 5

    def __post_init__(self) -> None:
        if not _SYMBOL.fullmatch(self.symbol):
            raise SimulatorError(f"{self.symbol!r} is not a symbol (upper case, as BTCUSDT)")

    @property
    def quote_asset(self) -> str:
        """The currency prices are in."""
        fitting = (q for q in _QUOTES if self.symbol.endswith(q) and self.symbol != q)
        return next(fitting, "USDT")

    @property
    def base_asset(self) -> str:
        """What is bought and sold."""
        return self.symbol.removesuffix(self.quote_asset)

    @property
    def quote_decimals(self) -> int:
        """Decimals of price times quantity."""
        return self.price_decimals + self.quantity_decimals

    def price_text(self, units: int) -> str:
        """Write a price as the exchange does."""
        return decimal_text(units, self.price_decimals)

    def quantity_text(self, units: int) -> str:
        """Write a base quantity as the exchange does."""
        return decimal_text(units, self.quantity_decimals)

    def quote_text(self, units: int) -> str:
        """Write a quote volume as the exchange does."""
        return decimal_text(units, self.quote_decimals)

    def price(self, units: int) -> float:
        """Turn price units into quote currency."""
        return float(units / 10**self.price_decimals)


def decimal_text(units: int, decimals: int) -> str:
    """Write ``units * 10**-decimals`` without passing through a float."""
    if decimals == 0:
        return str(units)
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).zfill(decimals + 1)
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


# Precision and filters as exchangeInfo of December 2025 gives them; prices are only typical.
_KNOWN = (
    Listing("BTCUSDT", 2, 10, 3, 100_000.0, 9e6, 50),
    Listing("ETHUSDT", 2, 1, 3, 3_500.0, 7e6, 20),
    Listing("SOLUSDT", 4, 100, 2, 160.0, 2.5e6),
    Listing("BNBUSDT", 3, 10, 2, 800.0, 8e5),
    Listing("XRPUSDT", 4, 1, 1, 2.2, 1.2e6),
    Listing("DOGEUSDT", 6, 10, 0, 0.18, 9e5),
    Listing("ADAUSDT", 5, 10, 0, 0.6, 4e5),
    Listing("AVAXUSDT", 4, 10, 0, 18.0, 3e5),
    Listing("LINKUSDT", 3, 1, 2, 15.0, 3e5),
)


def listing(symbol: str) -> Listing:
    """
    Return the listing of any symbol; one nobody knows gets a price of its own.

    Raises:
        SimulatorError: If the text cannot be a symbol.
    """
    for known in _KNOWN:
        if known.symbol == symbol:
            return known
    identity = zlib.crc32(symbol.encode())
    magnitude = -1.5 + 3.5 * (identity % 1000) / 1000
    return Listing(
        symbol,
        price_decimals=max(1, 4 - math.floor(magnitude)),
        tick_units=1,
        quantity_decimals=min(3, max(0, math.ceil(magnitude))),
        typical_price=10**magnitude,
        minute_notional=10 ** (4.3 + 1.5 * (identity // 1000 % 1000) / 1000),
    )
