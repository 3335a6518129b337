"""What is listed, and as what: symbols that appear, settle and are closed while others trade."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from core.simulator.bars import MINUTE_MS, Bars
from core.simulator.errors import SimulatorError
from core.simulator.listings import Listing
from core.simulator.market import Market, Span
from core.simulator.seconds import Seconds

ONBOARD_MS = 1_569_398_400_000
Status: TypeAlias = Literal["TRADING", "PENDING_TRADING", "PRE_SETTLE", "SETTLING", "CLOSE"]
ContractType: TypeAlias = Literal["PERPETUAL", "TRADIFI_PERPETUAL"]


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What the exchange says of a symbol besides its filters.

    Attributes:
        status: Whether it is traded.
        onboard_ms: Since when it is listed.
        contract_type: Crypto, or a perpetual on something of the old world.
    """

    status: Status = "TRADING"
    onboard_ms: int = ONBOARD_MS
    contract_type: ContractType = "PERPETUAL"


class ListingChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What ``POST /sim/listings`` is told.

    Attributes:
        listed_ms: When a new symbol begins to trade; None is now.
    """

    symbol: str
    status: Status = "TRADING"
    listed_ms: Annotated[int, Meta(ge=0, le=10**13)] | None = None
    contract_type: ContractType | None = None


def parse_listing_change(text: str | bytes) -> ListingChange:
    """
    Read a change.

    Raises:
        SimulatorError: If it is none; the message names what is wrong.
    """
    try:
        return msgspec.json.decode(text, type=ListingChange)
    except (msgspec.MsgspecError, ValueError) as error:
        raise SimulatorError(f"not a listing: {error}") from error


class ListedMarket:
    """
    A `Market` whose symbols come and go.

    A symbol that is no longer traded keeps its past: its last candle is the one that ran.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._terms: dict[str, Terms] = {}
        self._spans: dict[str, Span] = {}
        self.label = market.label
        self.seed = market.seed

    @property
    def listings(self) -> Mapping[str, Listing]:
        """Every symbol, whether or not it is traded now."""
        return self._market.listings

    def terms(self, symbol: str) -> Terms:
        """Return as what a symbol is listed."""
        return self._terms.get(symbol, Terms())

    def span(self, symbol: str) -> Span:
        """When the symbol is traded."""
        return self._spans.get(symbol) or self._market.span(symbol)

    def seconds(self, symbol: str, day: int) -> Seconds:
        """Return a day, second by second."""
        return self._market.seconds(symbol, day)

    def minutes(self, symbol: str, day: int) -> Bars:
        """Return the 1,440 candles of a day."""
        return self._market.minutes(symbol, day)

    def add(self, symbol: str) -> None:
        """List one more symbol; raises SimulatorError where there are no prices for it."""
        self._market.add(symbol)

    def change(self, change: ListingChange, now_ms: int) -> Terms:
        """
        List a symbol, or change the terms of one that is.

        Raises:
            SimulatorError: If the text cannot be a symbol, or there are no prices for it.
        """
        symbol, known = change.symbol, self.terms(change.symbol)
        if symbol not in self.listings:
            self.add(symbol)
            listed_ms = now_ms if change.listed_ms is None else change.listed_ms
            whole = self._market.span(symbol)
            first_ms = min(max(_next_minute(listed_ms - 1), whole.first_ms), whole.end_ms)
            self._spans[symbol] = Span(first_ms, whole.end_ms)
            known = Terms(onboard_ms=first_ms)
        elif change.listed_ms is not None:
            known = Terms(known.status, change.listed_ms, known.contract_type)
        terms = Terms(change.status, known.onboard_ms, change.contract_type or known.contract_type)
        self._terms[symbol] = terms
        self._spans[symbol] = self._traded(symbol, change.status, now_ms)
        return terms

    def _traded(self, symbol: str, status: Status, now_ms: int) -> Span:
        """Trading ends with the minute; it begins again as if it had never ended."""
        span, whole = self.span(symbol), self._market.span(symbol)
        if status == "TRADING":
            return Span(span.first_ms, whole.end_ms)
        if status == "PENDING_TRADING":
            return span
        end_ms = min(_next_minute(now_ms), span.end_ms)
        return Span(min(span.first_ms, end_ms), end_ms)


def _next_minute(at_ms: int) -> int:
    return at_ms - at_ms % MINUTE_MS + MINUTE_MS
