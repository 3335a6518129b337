"""What the server needs of a market, wherever its prices come from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.simulator.bars import Bars
from core.simulator.listings import Listing
from core.simulator.seconds import Seconds


@dataclass(frozen=True, slots=True)
class Span:
    """When a market exists: ``[first_ms, end_ms)``, both at the start of a minute."""

    first_ms: int
    end_ms: int


class Market(Protocol):
    """
    Prices as a pure function of (symbol, instant).

    Days are UTC days counted from 1970; any of them can be asked for in any order, and
    what lies outside ``span`` is padding that nobody may show.
    """

    @property
    def label(self) -> str:
        """How the product must mark this market for people."""

    @property
    def seed(self) -> int:
        """What everything random was drawn from."""

    @property
    def listings(self) -> Mapping[str, Listing]:
        """The symbols, in the order they were asked for."""

    def add(self, symbol: str) -> None:
        """List one more symbol; raises SimulatorError where there are no prices for it."""

    def span(self, symbol: str) -> Span:
        """When the symbol is traded."""

    def seconds(self, symbol: str, day: int) -> Seconds:
        """Return a day, second by second."""

    def minutes(self, symbol: str, day: int) -> Bars:
        """Return the 1,440 candles of a day."""


def generator(*identity: object) -> np.random.Generator:
    """Return a stream of random numbers that depends on nothing but its identity."""
    digest = hashlib.sha256("|".join(map(str, identity)).encode()).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest[:16])))
