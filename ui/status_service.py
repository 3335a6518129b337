"""What changes slowly - engine, signals, cache - read once for all pages."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.overview import SignalRow
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from core.model.telemetry import FeatureCost
from ui.cache_figures import CacheFigures, cache_figures
from ui.feed_figures import FeedFigures, feed_figures
from ui.services import Services, followed_symbols

SIGNALS_SHOWN = 200
FRESH_S = 1.0
_ENOUGH = 20
"""Computations; the 95th percentile of fewer is their worst, and the first one is slow."""

_Regimes: TypeAlias = Mapping[tuple[str, Interval], RegimeChange]


@dataclass(frozen=True, slots=True)
class Status:
    """
    One reading of everything slow.

    Attributes:
        signals: Newest first.
        symbols: What a page may show.
        journal_fault: Why the journal could not be read; ``signals`` and ``regimes`` are then
            those of before.
        regimes: The last known regime of each market that is evaluated.
        page_costs: What drawing overlays has cost this process, the dearest first.
    """

    engine: EngineState
    signals: tuple[SignalRow, ...]
    cache: CacheFigures
    symbols: tuple[str, ...] = ()
    journal_fault: str = ""
    feed: FeedFigures = field(default_factory=FeedFigures)
    regimes: _Regimes = field(default_factory=dict)
    page_costs: tuple[FeatureCost, ...] = ()

    @property
    def costs(self) -> Mapping[str, FeatureCost]:
        """What each feature costs the engine, else this process; only where enough was measured."""
        known = (*self.page_costs, *self.engine.costs)
        return {cost.feature: cost for cost in known if cost.count >= _ENOUGH}


class StatusService:
    """Read the slow facts at most once a second, however many pages ask."""

    def __init__(
        self,
        services: Services,
        page_costs: Callable[[], tuple[FeatureCost, ...]] = tuple,
    ) -> None:
        self._services = services
        self._page_costs = page_costs
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

    async def current(self, oldest_s: float = FRESH_S) -> Status:
        """Return a reading that is at most so old, a second if not told."""
        async with self._lock:
            now_s = self._monotonic()
            if self._read_s is None or now_s - self._read_s >= oldest_s:
                feed = feed_figures(self._services.feed, now_s)  # belongs to this loop
                self._status = replace(await asyncio.to_thread(self._read), feed=feed)
                self._read_s = now_s
            return self._status

    def _read(self) -> Status:
        services = self._services
        signals, regimes, fault = self._journal()
        return Status(
            engine=services.engine.state(),
            signals=signals,
            cache=cache_figures(services.store.get_cache_stats()),
            symbols=followed_symbols(services),
            journal_fault=fault,
            regimes=regimes,
            page_costs=self._page_costs(),
        )

    def _journal(self) -> tuple[tuple[SignalRow, ...], _Regimes, str]:
        journal = self._services.journal
        try:
            return tuple(journal.recent_signals(SIGNALS_SHOWN)), dict(journal.regimes()), ""
        except (MissingJournalError, EmptyJournalError):
            return (), {}, ""
        except JournalError as error:
            return self._status.signals, self._status.regimes, str(error)
