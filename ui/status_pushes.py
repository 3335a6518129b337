"""Tells one page what changes slowly: engine, signals, regime, costs, streams and cache."""

from collections.abc import Iterator
from typing import Any

from core.model.gap import Gap
from ui import ids
from ui.feature import Update
from ui.pages import Page
from ui.panels.status_updates import Told, status_updates
from ui.regime_service import RegimeService
from ui.services import Services
from ui.shell.symbols import symbol_options
from ui.status_service import Status, StatusService

STATUS_EVERY_S = 2.0
COSTS_EVERY_S = 10.0
"""Costs differ a little with every bar, and nobody acts on that."""


class StatusPushes:
    """
    What one push loop has told its browser of the slow facts.

    Args:
        services: Market, settings and overlays.
        status: Reads the facts, for all pages together.
        regimes: Reads the regime of what a page shows.
    """

    def __init__(self, services: Services, status: StatusService, regimes: RegimeService) -> None:
        self._services = services
        self._status = status
        self._regimes = regimes
        self._told: Told | None = None
        self._told_s = 0.0
        self._costed_s = 0.0
        self._options: list[Any] = []
        self._gaps: tuple[Gap, ...] = ()

    @property
    def is_first(self) -> bool:
        """Whether nothing was told yet."""
        return self._told is None

    async def due(self, page: Page) -> list[Update]:
        """Read the facts if they are due; return what changed. New marks outdate the figure."""
        now_s, before = self._services.monotonic(), self._told
        if before is not None and not self._is_due(page, before, now_s):
            return []
        view, panels = page.view, page.panels
        status = await self._status.current()
        regime = await self._regimes.reading(view)
        now = Told(view, status, regime, panels, self._costed(status, now_s))
        gaps = tuple(self._services.feed.gaps(view.symbol))
        if before is None or (status.signals, gaps) != (before.status.signals, self._gaps):
            page.outdated = True
            page.wake()
        updates = [*self._symbols(now, before), *status_updates(now, before, self._services)]
        if now.costed is status:
            self._costed_s = now_s
        self._told, self._told_s, self._gaps = now, now_s, gaps
        return updates

    def _is_due(self, page: Page, before: Told, now_s: float) -> bool:
        is_same = (page.view.market, page.panels) == (before.view.market, before.panels)
        return not is_same or now_s - self._told_s >= STATUS_EVERY_S

    def _costed(self, status: Status, now_s: float) -> Status:
        """Return whose costs are told: a somewhat older reading, while the engine is as it was."""
        known = self._told.costed if self._told is not None else None
        if known is None or known.engine.activity is not status.engine.activity:
            return status
        return status if now_s - self._costed_s >= COSTS_EVERY_S else known

    def _symbols(self, now: Told, before: Told | None) -> Iterator[Update]:
        symbol, symbols = now.view.symbol, now.status.symbols
        if before is None or (symbol, symbols) != (before.view.symbol, before.status.symbols):
            # With what is shown: a choice that is no option would vanish without a word.
            options = symbol_options(symbols, self._services.feed.instruments, symbol)
            if options != self._options:
                self._options = options
                yield ids.SYMBOL, "data", options
