"""
The push loop of one page: what to send, and when.

One loop serves a page for as long as its lease lasts, whatever the page shows; it
reads the view anew each time, because a loop of Dash's own never learns of a change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol
from uuid import uuid4

from core.model.candles import CandleUpdate
from ui import ids
from ui.chart_service import ChartService
from ui.figures.plotly_json import Figure
from ui.history_service import HistoryService
from ui.live_payload import is_live, live_payload
from ui.pace import Pace
from ui.pages import Page, Pages
from ui.panels.status_updates import status_updates
from ui.services import Services
from ui.status_service import Status, StatusService
from ui.view import Choices, View

logger = logging.getLogger(__name__)

BEAT_S = 2.0
STATUS_EVERY_S = 2.0


class Outlet(Protocol):
    """The way to one browser tab."""

    @property
    def is_shutdown(self) -> bool:
        """Whether nobody is at the other end any more."""

    def set_prop_sync(self, component_id: str, prop_name: str, value: object) -> None:
        """Queue one property for the browser; never blocks."""


@dataclass(slots=True)
class _Sent:
    """What a loop has told its browser so far."""

    status: Status | None = None
    status_s: float = -STATUS_EVERY_S


class LiveService:
    """Everything a page does with the server after it was loaded."""

    def __init__(
        self,
        services: Services,
        *,
        beat_s: float = BEAT_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.choices = Choices(services.settings.symbols, tuple(services.overlays))
        self.pages = Pages(services.monotonic)
        self.status = StatusService(services)
        self._services = services
        self._charts = ChartService(services)
        self._history = HistoryService(services.feed, self._history_arrived, services.monotonic)
        self._beat_s = beat_s
        self._sleep = sleep
        self._name = uuid4().hex
        self._numbers = count(1)
        services.feed.listen(self._moved)

    async def show(
        self, page_id: object, symbol: object, interval: object, overlays: object
    ) -> Figure | None:
        """
        Change what a page shows; answer with the figure, from what is known now.

        Raises:
            ViewError: If one of the choices is not on offer.
            TooManyPagesError: If there is no room for a new page.
        """
        view = self.choices.view(symbol, interval, overlays)
        page = self.pages.renew(str(page_id), view)
        page.outdated = False  # this answers it; the push loop need not
        await self.status.current()
        return await self._figure(page, anyway=True)

    def renew(self, page_id: str, view: View, seen: int) -> Page:
        """Keep a page; ``seen`` is the newest push it had."""
        page = self.pages.renew(page_id, view)
        page.seen = max(page.seen, min(seen, page.pushed))
        return page

    async def push(
        self,
        page_id: object,
        symbol: object,
        interval: object,
        overlays: object,
        outlet: Outlet | None,
    ) -> None:
        """
        Serve one page until its lease ends, its socket closes or a newer loop takes over.

        Without an outlet - a browser that Dash could give no socket - there is nothing to do.
        """
        if outlet is None:
            return
        page = self.pages.renew(str(page_id), self.choices.view(symbol, interval, overlays))
        number = page.begin_loop()
        sent, pace = _Sent(), Pace(self._services.settings.dashboard.pushes_per_s)
        try:
            while page.owns(number) and self.pages.holds(page) and not outlet.is_shutdown:
                moved = await page.change(self._beat_s)
                await self._sleep(pace.wait_s(self._services.monotonic()))
                if page.is_reading:
                    await self._push_once(page, sent, outlet, beat=not moved)
        finally:
            page.end_loop(number)

    async def close(self) -> None:
        """End what was started here."""
        await self._history.close()

    async def _push_once(self, page: Page, sent: _Sent, outlet: Outlet, *, beat: bool) -> None:
        page.pushed += 1
        payload = live_payload(self._services, page.view, page.pushed)
        outlet.set_prop_sync(ids.LIVE, "data", payload)
        await self._push_status(page, sent, outlet)
        if page.outdated or (beat and not self._is_settled(page)):
            figure = await self._figure(page)
            if figure is not None:
                outlet.set_prop_sync(ids.PUSHED, "data", figure)

    async def _push_status(self, page: Page, sent: _Sent, outlet: Outlet) -> None:
        now_s = self._services.monotonic()
        if now_s - sent.status_s < STATUS_EVERY_S:
            return
        status = await self.status.current()
        if sent.status is None or status.signals != sent.status.signals:
            page.outdated = True
        for component, name, value in status_updates(status, sent.status, self._services):
            outlet.set_prop_sync(component, name, value)
        sent.status, sent.status_s = status, now_s

    async def _figure(self, page: Page, *, anyway: bool = False) -> Figure | None:
        page.outdated = False
        view, number = page.view, next(self._numbers)
        self._history.want(view)
        chart = await asyncio.to_thread(
            self._charts.chart,
            view,
            self.status.known.signals,
            self._history.note(view),
            known=None if anyway else page.stamp,
        )
        if chart is None:
            return None
        page.note_figure(number, chart.stamp)
        # Two ways lead to the browser; it must know the later figure from the earlier.
        chart.figure["layout"]["meta"] |= {"server": self._name, "number": number}
        return chart.figure

    def _is_settled(self, page: Page) -> bool:
        shown = self._services.settings.dashboard.candles_shown
        enough = page.stamp is not None and page.stamp.bars >= shown and not page.stamp.note
        return enough and is_live(self._services.feed.status())

    def _moved(self, update: CandleUpdate) -> None:
        self.pages.wake(update.symbol, outdated=update.closed)

    def _history_arrived(self, symbol: str) -> None:
        self.pages.wake(symbol, outdated=True)
