"""What the page needs from the rest of the product, as protocols; `Services` bundles it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.config import Settings
from core.journal.overview import SignalRow
from core.model.candles import Candle, CandleSeries, CandleUpdate
from core.model.engine_state import EngineState
from core.model.instrument import Instrument
from core.model.intervals import Interval
from core.model.overlay import Overlay


class CandleStore(Protocol):
    """Where candles are read."""

    def candles(self, symbol: str, interval: Interval, *, limit: int | None = None) -> CandleSeries:
        """Return the newest closed candles; may read files, so never on the event loop."""

    def running(self, symbol: str, interval: Interval) -> Candle | None:
        """Return the candle that has not closed yet, from memory."""

    def get_cache_stats(self) -> dict[str, Any]:
        """Return counters and sizes; may look at files."""


class FeedStatus(Protocol):
    """How the feed is doing."""

    @property
    def state(self) -> str:
        """Name of the state."""

    @property
    def age_s(self) -> float | None:
        """Monotonic age of the newest frame."""

    @property
    def detail(self) -> str:
        """One line for people."""

    @property
    def frames(self) -> int:
        """Frames received."""

    @property
    def malformed(self) -> int:
        """Frames that could not be read."""

    @property
    def reconnects(self) -> int:
        """How often the socket was replaced."""


class Feed(Protocol):
    """The market as it moves."""

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """Trading rules by symbol; empty before the first connection."""

    @property
    def market_label(self) -> str | None:
        """Text that marks a market which is not real."""

    def listen(self, listener: Callable[[CandleUpdate], None]) -> None:
        """Call ``listener`` on the event loop with each update of a 1m candle."""

    def status(self) -> FeedStatus:
        """Return the state now."""

    def market_time_ms(self) -> int | None:
        """Return the newest exchange time seen."""

    async def ensure(self, symbol: str, interval: Interval) -> None:
        """Load the history of a series once."""


class SignalJournal(Protocol):
    """Where signals are read."""

    def recent_signals(self, limit: int) -> Sequence[SignalRow]:
        """Return signals with their trades, newest first; reads the database."""


class EngineWatch(Protocol):
    """Who knows whether the engine lives."""

    def state(self) -> EngineState:
        """Return what is known now; may read the database or a file."""


@dataclass(frozen=True, slots=True)
class Services:
    """
    Everything the page is built on.

    Attributes:
        overlays: Discovered overlays by key.
        monotonic: Seconds that never jump, for leases and silence.
    """

    settings: Settings
    store: CandleStore
    feed: Feed
    journal: SignalJournal
    engine: EngineWatch
    overlays: Mapping[str, Overlay[Any]]
    monotonic: Callable[[], float] = time.monotonic
