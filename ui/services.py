"""What the page needs from the rest of the product, as protocols; `Services` bundles it."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.config import Settings
from core.data.feed_status import FeedState
from core.data.market_events import MarkPrice
from core.data.market_facts_history import (
    FactQuery,
    FactReading,
    FundingQuery,
    OpenInterestQuery,
)
from core.data.market_views import MarketViews
from core.data.sockets.health import StreamHealth, StreamState
from core.journal.overview import SignalRow
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.engine_state import EngineState
from core.model.funding import Settlement
from core.model.gap import Gap
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest
from core.model.order_flow import BookPhase, BookState
from core.model.overlay import Overlay
from core.model.regime import RegimeChange
from ops.feed_status import FeedStatus
from ops.health.probes import Health


class CandleStore(Protocol):
    """Where candles are read."""

    def candles(self, symbol: str, interval: Interval, *, limit: int | None = None) -> CandleSeries:
        """Return the newest closed candles; may read files, so never on the event loop."""

    def running(self, symbol: str, interval: Interval) -> Candle | None:
        """Return the candle that has not closed yet, from memory."""

    def get_cache_stats(self) -> dict[str, Any]:
        """Return counters and sizes; may look at files."""


class OrderBooks(Protocol):
    """The order books of what is in focus."""

    def book(self, symbol: str) -> BookState:
        """Return the best levels, and whether they may be relied on."""

    def book_phases(self) -> Mapping[BookPhase, int]:
        """Return how many books are in each phase."""


class FeedHealth(Protocol):
    """How the market arrives."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is followed now; empty while only the exchange could tell."""

    def status(self) -> FeedStatus:
        """Return the state now."""

    def standing(self, symbol: str) -> tuple[FeedState | StreamState, str]:
        """Return how one symbol's candles are, and why if they are not live."""

    def streams(self) -> Sequence[StreamHealth]:
        """Return how each stream is; takes milliseconds with a thousand of them."""

    def gaps(self, symbol: str) -> Sequence[Gap]:
        """Return the 1m candles that the exchange does not have."""

    @property
    def order_flow(self) -> OrderBooks:
        """What is known of order books."""


class Feed(FeedHealth, Protocol):
    """The market as it moves."""

    def focus(self, symbols: Collection[str]) -> None:
        """Say which symbols pages show: they are kept deeper, and first."""

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Trading rules by symbol; empty before the first connection."""

    @property
    def market_label(self) -> str | None:
        """Text that marks a market which is not real."""

    def mark(self, symbol: str) -> MarkPrice | None:
        """Return the newest mark price, with funding; None before the first."""

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        """Call ``listener`` on the event loop with each update of a 1m candle."""

    def market_time_ms(self) -> int | None:
        """Return the newest exchange time seen."""

    async def ensure(self, symbol: str, interval: Interval, candles: int | None = None) -> None:
        """Load the history of a series once: its newest ``candles``, or as many as usual."""


class SignalJournal(Protocol):
    """Where signals and regimes are read."""

    def recent_signals(self, limit: int) -> Sequence[SignalRow]:
        """Return signals with their trades, newest first; reads the database."""

    def regimes(self) -> Mapping[tuple[str, Interval], RegimeChange]:
        """Return the last known regime of each market; reads the database."""


class EngineWatch(Protocol):
    """Who knows whether the engine lives."""

    def state(self) -> EngineState:
        """Return what is known now; may read the database or a file."""


class Facts(Protocol):
    """What the exchange tells of the past besides candles."""

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` on the event loop with the symbol of which something else is known."""

    def want(self, queries: Iterable[FactQuery]) -> None:
        """Ask for these now and, for a while, again; on the event loop."""

    def funding(self, query: FundingQuery) -> FactReading[Settlement]:
        """Return what is known of a question about funding."""

    def open_interest(self, query: OpenInterestQuery) -> FactReading[OpenInterest]:
        """Return what is known of a question about open interest."""


@dataclass(frozen=True, slots=True)
class Services:
    """
    Everything the page is built on.

    Attributes:
        views: Puts candles together with what was heard besides them.
        overlays: Discovered overlays by key.
        facts: Funding and open interest.
        health: How this process and its home do; whoever serves the page runs its watch.
        monotonic: Seconds that never jump, for leases and silence.
    """

    settings: Settings
    store: CandleStore
    feed: Feed
    journal: SignalJournal
    engine: EngineWatch
    views: MarketViews
    overlays: Mapping[str, Overlay[Any]]
    facts: Facts
    health: Health
    monotonic: Callable[[], float] = time.monotonic


def followed_symbols(services: Services) -> tuple[str, ...]:
    """Return the symbols a page may show, the engine's list first."""
    return services.feed.symbols or services.settings.symbols
