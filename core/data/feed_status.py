"""How a feed is, and what it is made of."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.sockets.events import StreamEvent, StreamStatistics
from core.data.sockets.health import StreamHealth
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
        gaps: Bars in the windows of the followed symbols that REST could not tell either.
        unreadable: The malformed frames by kind.
    """

    state: FeedState
    age_s: float | None
    detail: str
    frames: int
    malformed: int
    reconnects: int
    differences: int = 0
    gaps: int = 0
    unreadable: Mapping[str, int] = field(default_factory=dict)


class Stream(Protocol):
    """What delivers events: a `BinanceStream`."""

    @property
    def statistics(self) -> StreamStatistics:
        """What came through so far."""

    async def run(self, streams: Sequence[str], sink: Callable[[StreamEvent], None]) -> None:
        """Hand events to ``sink`` until cancelled."""

    def subscribe(self, streams: Iterable[str]) -> None:
        """Add streams, now or when it runs."""

    def unsubscribe(self, streams: Iterable[str]) -> None:
        """Give streams up."""

    def restart(self) -> None:
        """Replace every socket without a gap."""

    def health(self) -> Mapping[str, StreamHealth]:
        """Return how each stream is, by its name."""


class UniverseChanges(Protocol):
    """What a look at the exchange's list brought."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of it, a line each."""


class SymbolUniverse(Protocol):
    """Who knows which symbols there are: a `Universe`."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is to be followed, the most important first."""

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Trading rules by symbol."""

    @property
    def market_label(self) -> str | None:
        """What a simulator calls its market."""

    @property
    def unknown(self) -> Mapping[str, tuple[str, ...]]:
        """Configured symbols the exchange does not list, and what may have been meant."""

    def tradable(self, symbol: str) -> bool:
        """Whether the market of a symbol is open."""

    async def refresh(self) -> UniverseChanges:
        """Ask the exchange."""


class Flow(Protocol):
    """What folds trades and books: an `OrderFlow`."""

    def take(self, event: AggTrade | BookTop | DepthUpdate) -> None:
        """Fold an event in; must not block."""

    def follow(self, symbols: Collection[str]) -> None:
        """Forget all other symbols."""

    def disconnected(self, symbols: Collection[str]) -> None:
        """Start over with these: something may have been missed."""

    async def run(self) -> None:
        """Ask for what the streams do not tell, until cancelled."""
