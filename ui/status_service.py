"""What changes slowly - engine, signals, cache - read once for all pages."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.overview import SignalRow
from core.model.engine_state import EngineActivity, EngineState
from ui.cache_figures import CacheFigures, cache_figures
from ui.feed_figures import FeedFigures, feed_figures
from ui.services import Services, followed_symbols

SIGNALS_SHOWN = 200
FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Status:
    """
    One reading of everything slow.

    Attributes:
        signals: Newest first.
        symbols: What a page may show.
        journal_fault: Why the signals could not be read; ``signals`` are then those of before.
    """

    engine: EngineState
    signals: tuple[SignalRow, ...]
    cache: CacheFigures
    symbols: tuple[str, ...] = ()
    journal_fault: str = ""
    feed: FeedFigures = field(default_factory=FeedFigures)


class StatusService:
    """Read the slow facts at most once a second, however many pages ask."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._monotonic: Callable[[], float] = services.monotonic
        self._lock = asyncio.Lock()
        self._read_s: float | None = None
        self._status = Status(
            EngineState(EngineActivity.UNKNOWN, "not asked yet"), (), CacheFigures()
        )

    @property
    def known(self) -> Status:
        """What was read last."""
        return self._status

    async def current(self) -> Status:
        """Return a reading that is at most a second old."""
        async with self._lock:
            now_s = self._monotonic()
            if self._read_s is None or now_s - self._read_s >= FRESH_S:
                feed = feed_figures(self._services.feed, now_s)  # belongs to this loop
                self._status = replace(await asyncio.to_thread(self._read), feed=feed)
                self._read_s = now_s
            return self._status

    def _read(self) -> Status:
        services = self._services
        signals, fault = self._signals()
        return Status(
            engine=services.engine.state(),
            signals=signals,
            cache=cache_figures(services.store.get_cache_stats()),
            symbols=followed_symbols(services),
            journal_fault=fault,
        )

    def _signals(self) -> tuple[tuple[SignalRow, ...], str]:
        try:
            return tuple(self._services.journal.recent_signals(SIGNALS_SHOWN)), ""
        except (MissingJournalError, EmptyJournalError):
            return (), ""
        except JournalError as error:
            return self._status.signals, str(error)
