"""How a feed is, and what it is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.data.backfill import History
from core.data.binance_stream import StreamEvent, StreamStatistics
from core.model.instrument import Instrument


class FeedState(StrEnum):
    """How the feed is."""

    STARTING = "STARTING"
    BACKFILLING = "BACKFILLING"
    LIVE = "LIVE"
    RECONNECTING = "RECONNECTING"
    SILENT = "SILENT"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """
    How the feed is, in figures.

    Attributes:
        age_s: Since the newest frame with data, monotonic; None before the first.
        detail: What it is waiting for or doing, for people; empty when nothing is to be said.
        differences: Bars that REST told otherwise than was known.
    """

    state: FeedState
    age_s: float | None
    detail: str
    frames: int
    malformed: int
    reconnects: int
    differences: int = 0


class Stream(Protocol):
    """What delivers events: a `BinanceStream`."""

    @property
    def statistics(self) -> StreamStatistics:
        """What came through so far."""

    async def run(self, streams: Sequence[str], sink: Callable[[StreamEvent], None]) -> None:
        """Hand events to ``sink`` until cancelled."""


class Rest(History, Protocol):
    """What answers questions: a `BinanceRest`."""

    async def instruments(self) -> dict[str, Instrument]:
        """Return the trading rules by symbol."""

    async def market_label(self) -> str | None:
        """Return what a simulator calls its market."""
