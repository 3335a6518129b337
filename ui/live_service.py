"""
The push loop of one page: what to send, and when.

One loop serves a page for as long as its lease lasts, whatever the page shows; it
reads the view anew each time, because a loop of Dash's own never learns of a change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Protocol
from uuid import uuid4

from core.model.candles import CandleUpdate
from core.model.gap import Gap
from ui import ids
from ui.chart_service import ChartService
from ui.figures.plotly_json import Figure
from ui.history_service import HistoryService
from ui.live_payload import is_live, live_payload
from ui.pace import Pace
from ui.pages import Page, Pages
from ui.panels.status_updates import Update, status_updates
from ui.services import Services, followed_symbols
from ui.status_service import Status, StatusService
from ui.view import Choices, NotFollowedError, View

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
    symbol: str = ""
    gaps: tuple[Gap, ...] = ()


class LiveService:
    """Everything a page does with the server after it was loaded."""

    def __init__(
        self,
        services: Services,
        *,
        beat_s: float = BEAT_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pages = Pages(services.monotonic)
        self.status = StatusService(services)
        self._services = services
        self._charts = ChartService(services)
        self._history = HistoryService(services.feed, self._history_arrived, services.monotonic)
        self._beat_s = beat_s
        self._sleep = sleep
        self._name = uuid4().hex
        self._numbers = count(1)
        self._focused: frozenset[str] = frozenset()
        services.feed.listen(self._moved)

    @property
    def choices(self) -> Choices:
        """What a page may show now; symbols are listed and settled while it is open."""
        return Choices(followed_symbols(self._services), tuple(self._services.overlays))

    async def show(
        self, page_id: object, symbol: object, interval: object, overlays: object
    ) -> Figure | None:
        """
        Change what a page shows; answer with the figure, from what is known now.

        For a symbol that is not followed that is an empty one which says so; None for none.

        Raises:
            ViewError: If another of the choices is not on offer.
            TooManyPagesError: If there is no room for a new page.
        """
        if symbol is None:  # what the browser remembered is no option any more; it chooses another
            return None
        try:
            view = self.choices.view(symbol, interval, overlays)
        except NotFollowedError as error:
            return self._numbered(self._charts.empty(error.view, str(error)), next(self._numbers))
        page = self._renewed(str(page_id), view)
        page.outdated = False  # this answers it; the push loop need not
        await self.status.current()
        return await self._figure(page, anyway=True)

    def renew(self, page_id: str, view: View, seen: int) -> Page:
        """Keep a page; ``seen`` is the newest push it had."""
        page = self._renewed(page_id, view)
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

        Without an outlet - a browser that Dash could give no socket - there is nothing to do,
        nor without a symbol.
        """
        if outlet is None or symbol is None:
            return
        try:
            view = self.choices.view(symbol, interval, overlays)
        except NotFollowedError:
            return  # its lease is refused with the reason; the page asks again when it is not
        page = self._renewed(str(page_id), view)
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
            self._focus()

    async def close(self) -> None:
        """End what was started here."""
        await self._history.close()

    def _renewed(self, page_id: str, view: View) -> Page:
        page = self.pages.renew(page_id, view)
        self._focus()
        return page

    def _focus(self) -> None:
        """Tell the feed what the pages show, when that changed."""
        if (shown := self.pages.symbols) != self._focused:
            self._focused = shown
            self._services.feed.focus(shown)

    async def _push_once(self, page: Page, sent: _Sent, outlet: Outlet, *, beat: bool) -> None:
        page.pushed += 1
        payload = live_payload(self._services, page.view, page.pushed, self.status.known.feed)
        outlet.set_prop_sync(ids.LIVE, "data", payload)
        await self._push_status(page, sent, outlet)
        if page.outdated or (beat and not self._is_settled(page)):
            figure = await self._figure(page)
            if figure is not None:
                outlet.set_prop_sync(ids.PUSHED, "data", figure)

    async def _push_status(self, page: Page, sent: _Sent, outlet: Outlet) -> None:
        now_s, symbol = self._services.monotonic(), page.view.symbol
        if now_s - sent.status_s < STATUS_EVERY_S and symbol == sent.symbol:
            return
        status = await self.status.current()
        gaps = tuple(self._services.feed.gaps(symbol))
        if sent.status is None or (status.signals, gaps) != (sent.status.signals, sent.gaps):
            page.outdated = True
        before = sent.status if symbol == sent.symbol else None
        for component, name, value in self._updates(symbol, status, before):
            outlet.set_prop_sync(component, name, value)
        sent.status, sent.status_s, sent.symbol, sent.gaps = status, now_s, symbol, gaps

    def _updates(self, symbol: str, now: Status, before: Status | None) -> Iterator[Update]:
        if before is None or now.symbols != before.symbols:
            # With what is shown: a choice that is no option would vanish without a word.
            yield ids.SYMBOL, "data", list(dict.fromkeys((*now.symbols, symbol)))
        yield from status_updates(now, before, self._services, symbol)

    async def _figure(self, page: Page, *, anyway: bool = False) -> Figure | None:
        page.outdated = False
        view, number = page.view, next(self._numbers)
        self._history.want(view)
        chart = await asyncio.to_thread(
            self._charts.chart,
            view,
            self.status.known.signals,
            self._history.note(view),
            tuple(self._services.feed.gaps(view.symbol)),
            known=None if anyway else page.stamp,
        )
        if chart is None:
            return None
        page.note_figure(number, chart.stamp)
        return self._numbered(chart.figure, number)

    def _numbered(self, figure: Figure, number: int) -> Figure:
        # Two ways lead to the browser; it must know the later figure from the earlier.
        figure["layout"]["meta"] |= {"server": self._name, "number": number}
        return figure

    def _is_settled(self, page: Page) -> bool:
        shown = self._services.settings.dashboard.candles_shown
        enough = page.stamp is not None and page.stamp.bars >= shown and not page.stamp.note
        return enough and is_live(self._services.feed.status())

    def _moved(self, update: CandleUpdate) -> None:
        self.pages.wake(update.symbol, outdated=update.closed)

    def _history_arrived(self, symbol: str) -> None:
        self.pages.wake(symbol, outdated=True)
