"""
The push loop of one page: what to send, and when.

One loop serves a page for as long as its lease lasts, whatever the page shows; it
reads the view anew each time, because a loop of Dash's own never learns of a change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

from core.model.candles import CandleUpdate
from core.model.gap import Gap
from ui import ids
from ui.chart_service import ChartService
from ui.feature import LivePanel
from ui.figures.plotly_json import Figure
from ui.history_service import HistoryService
from ui.live_payload import is_live, live_payload
from ui.pace import Pace
from ui.pages import Page, Pages
from ui.panel_pushes import PanelPushes
from ui.panels.status_updates import Told, Update, status_updates
from ui.provisional import ProvisionalTails
from ui.regime_service import RegimeService
from ui.services import Services, followed_symbols
from ui.status_service import StatusService
from ui.view import Choices, NotFollowedError, View

logger = logging.getLogger(__name__)

BEAT_S = 2.0
STATUS_EVERY_S = 2.0
_SLICE_S = 0.02
_FIGURES_APART_S = 0.5
_HEADROOM = 1.1
"""Over the configured rate: else a market that ticks at just that rate never catches up again
after one push more, and each later tick is told late."""


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

    loop: int
    panels: PanelPushes
    told: Told | None = None
    told_s: float = -STATUS_EVERY_S
    figure_s: float = -STATUS_EVERY_S
    gaps: tuple[Gap, ...] = ()


class LiveService:
    """Everything a page does with the server after it was loaded."""

    def __init__(
        self,
        services: Services,
        *,
        panels: Iterable[LivePanel[Any]] = (),
        beat_s: float = BEAT_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pages = Pages(services.monotonic)
        self._charts = ChartService(services)
        self.status = StatusService(services, self._charts.costs)
        self._services = services
        self._regimes = RegimeService(services)
        self._tails = ProvisionalTails(services)
        self._history = HistoryService(services.feed, self._history_arrived, services.monotonic)
        self._panels = {panel.key: panel for panel in panels}
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
        self,
        page_id: object,
        symbol: object,
        interval: object,
        overlays: object,
        shown: object = None,
        look: object = None,
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
            view = self.choices.view(symbol, interval, overlays, shown, look)
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
        *,
        shown: object = None,
        look: object = None,
    ) -> None:
        """
        Serve one page until its lease ends, its socket closes or a newer loop takes over.

        Without an outlet - a browser that Dash could give no socket - there is nothing to do,
        nor without a symbol.
        """
        if outlet is None or symbol is None:
            return
        try:
            view = self.choices.view(symbol, interval, overlays, shown, look)
        except NotFollowedError:
            return  # its lease is refused with the reason; the page asks again when it is not
        known = self.pages.known(str(page_id))
        # A page starts its loop before it remembers what was chosen; then it shows no overlay.
        page = self._renewed(str(page_id), known.view if known and not view.overlays else view)
        number = page.begin_loop()
        sent = _Sent(number, PanelPushes(self._panels, self._services.monotonic))
        pace = Pace(_HEADROOM * self._services.settings.dashboard.pushes_per_s)
        try:
            while page.owns(number) and self.pages.holds(page) and not outlet.is_shutdown:
                moved = await page.change(self._beat_s)
                await self._wait(page, sent, pace.wait_s(self._services.monotonic()))
                if page.owns(number) and page.is_reading:
                    await self._push_once(page, sent, outlet, beat=not moved)
        finally:
            page.end_loop(number)
            self._focus()

    async def close(self) -> None:
        """End what was started here."""
        await self._tails.close()
        await self._history.close()

    async def _wait(self, page: Page, sent: _Sent, wait_s: float) -> None:
        """Keep the pace, but for a bar that closed: it is told at once, if not just after one."""
        monotonic = self._services.monotonic
        while wait_s > 0.0:
            if page.outdated and monotonic() - sent.figure_s >= _FIGURES_APART_S:
                return
            await self._sleep(min(wait_s, _SLICE_S))
            wait_s -= _SLICE_S

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
        tails = self._tails.of(page.view)
        figures = self.status.known.feed
        payload = live_payload(self._services, page.view, page.pushed, figures, tails)
        outlet.set_prop_sync(ids.LIVE, "data", payload)
        await self._push_status(page, sent, outlet)
        if page.owns(sent.loop) and (page.outdated or (beat and not self._is_settled(page))):
            figure = await self._figure(page)
            if figure is not None and page.owns(sent.loop):
                sent.figure_s = self._services.monotonic()
                outlet.set_prop_sync(ids.PUSHED, "data", figure)
            elif figure is not None:
                page.forget_figure()  # a newer loop has another way to the browser
        for component, name, value in await sent.panels.due(page):
            outlet.set_prop_sync(component, name, value)

    async def _push_status(self, page: Page, sent: _Sent, outlet: Outlet) -> None:
        now_s, view, before = self._services.monotonic(), page.view, sent.told
        same_market = before is not None and view.market == before.view.market
        if now_s - sent.told_s < STATUS_EVERY_S and same_market:
            return
        status = await self.status.current()
        now = Told(view, status, await self._regimes.reading(view))
        gaps = tuple(self._services.feed.gaps(view.symbol))
        if before is None or (status.signals, gaps) != (before.status.signals, sent.gaps):
            page.outdated = True
        for component, name, value in self._updates(now, before):
            outlet.set_prop_sync(component, name, value)
        sent.told, sent.told_s, sent.gaps = now, now_s, gaps

    def _updates(self, now: Told, before: Told | None) -> Iterator[Update]:
        symbol, symbols = now.view.symbol, now.status.symbols
        same_symbol = before is not None and symbol == before.view.symbol
        if before is None or not same_symbol or symbols != before.status.symbols:
            # With what is shown: a choice that is no option would vanish without a word.
            yield ids.SYMBOL, "data", list(dict.fromkeys((*symbols, symbol)))
        yield from status_updates(now, before, self._services)

    async def _figure(self, page: Page, *, anyway: bool = False) -> Figure | None:
        page.outdated = False
        view, number = page.view, next(self._numbers)
        self._history.want(view)
        for interval in self._charts.companions(view):
            self._history.want(replace(view, interval=interval))
        chart = await asyncio.to_thread(
            self._charts.chart,
            view,
            self.status.known.signals,
            self._history.note(view),
            self._services.views.heard(view.symbol),
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
