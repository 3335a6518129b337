"""
The push loop of one page: what to send, and when.

One loop serves a page for as long as its lease lasts, whatever the page shows; it
reads the view anew each time, because a loop of Dash's own never learns of a change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol
from uuid import uuid4

from core.model.candles import CandleUpdate
from core.model.telemetry import FeatureCost
from ui import ids
from ui.chart_service import ChartService
from ui.drawn_charts import DrawnCharts
from ui.feature import LivePanel
from ui.figures.plotly_json import encoded
from ui.history_service import HistoryService
from ui.live_payload import is_live, live_payload
from ui.pace import Pace
from ui.pages import Page, Pages
from ui.panel_pushes import PanelPushes
from ui.provisional import ProvisionalTails
from ui.regime_service import RegimeService
from ui.services import Services, followed_symbols
from ui.shell.symbols import listed_symbols
from ui.status_pushes import StatusPushes
from ui.status_service import StatusService
from ui.view import Choices, NotFollowedError, View

logger = logging.getLogger(__name__)

BEAT_S = 2.0
_STATUS_OLD_ENOUGH_S = 10.0
"""For the marks of a figure that a viewer waits for; the push loop knows newer ones soon."""
AFTER_TICK_S = 0.06
"""What changes slowly is sent when the browser has painted the tick and waits for the next."""
_SLICE_S = 0.02
_FIGURES_APART_S = 0.5
_HEADROOM = 1.1
"""Over the configured rate: else a market that ticks at just that rate never catches up again
after one push more, and each later tick is told late."""

_AT_ONCE = 5.0
"""Pushes while a page opens, before the pace holds: a debt from then would delay later ticks."""


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
    status: StatusPushes
    panels: PanelPushes
    figure_s: float = -_FIGURES_APART_S
    slow: "asyncio.Task[None] | None" = None


class LiveService:
    """Everything a page does with the server after it was loaded."""

    def __init__(
        self,
        services: Services,
        *,
        panels: Iterable[LivePanel[Any]] = (),
        beat_s: float = BEAT_S,
        after_tick_s: float = AFTER_TICK_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pages = Pages(services.monotonic)
        self._charts = ChartService(services)
        self._drawn = DrawnCharts(self._charts)
        self.status = StatusService(services, self._charts.costs)
        self._services = services
        self._regimes = RegimeService(services)
        self._tails = ProvisionalTails(services)
        self._history = HistoryService(services.feed, self._history_arrived, services.monotonic)
        self._panels = {panel.key: panel for panel in panels}
        self._beat_s = beat_s
        self._after_tick_s = after_tick_s
        self._sleep = sleep
        self._name = uuid4().hex
        self._numbers = count(1)
        self._focused: frozenset[str] = frozenset()
        services.feed.listen(self._moved)
        services.facts.listen(self._history_arrived)

    def costs(self) -> tuple[FeatureCost, ...]:
        """Return what drawing overlays has cost this process, the dearest first."""
        return self._charts.costs()

    @property
    def choices(self) -> Choices:
        """What a page may show now; symbols are listed and settled while it is open."""
        listed = listed_symbols(self._services.feed.instruments)
        symbols = dict.fromkeys((*followed_symbols(self._services), *listed))
        return Choices(tuple(symbols), tuple(self._services.overlays))

    async def show(
        self,
        page_id: object,
        symbol: object,
        interval: object,
        overlays: object,
        shown: object = None,
        look: object = None,
    ) -> str | None:
        """
        Change what a page shows; answer with the figure, from what is known now, as JSON.

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
            nothing = encoded(self._charts.empty(error.view, str(error))).decode()
            return self._numbered(nothing, next(self._numbers))
        page = self._renewed(str(page_id), view)
        page.outdated = False  # this answers it; the push loop need not
        await self.status.current(_STATUS_OLD_ENOUGH_S)
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
        sent = _Sent(
            number,
            StatusPushes(self._services, self.status, self._regimes),
            PanelPushes(self._panels, self._services.monotonic),
        )
        pace = Pace(_HEADROOM * self._services.settings.dashboard.pushes_per_s, burst=_AT_ONCE)
        try:
            while page.owns(number) and self.pages.holds(page) and not outlet.is_shutdown:
                moved = await page.change(self._beat_s)
                await self._wait(page, sent, pace.wait_s(self._services.monotonic()))
                if page.owns(number) and page.is_reading:
                    await self._push_once(page, sent, outlet, beat=not moved)
        finally:
            if sent.slow is not None:
                sent.slow.cancel()
                await asyncio.gather(sent.slow, return_exceptions=True)
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
        if page.owns(sent.loop) and (page.outdated or (beat and not self._is_settled(page))):
            await self._push_figure(page, sent, outlet)
        if sent.slow is None or sent.slow.done():
            if sent.slow is not None:
                sent.slow.result()  # what broke it breaks the loop
            sent.slow = asyncio.create_task(self._push_slow(page, sent, outlet))

    async def _push_figure(self, page: Page, sent: _Sent, outlet: Outlet) -> None:
        figure = await self._figure(page)
        if figure is not None and page.owns(sent.loop):
            sent.figure_s = self._services.monotonic()
            outlet.set_prop_sync(ids.PUSHED, "data", figure)
        elif figure is not None:
            page.forget_figure()  # a newer loop has another way to the browser

    async def _push_slow(self, page: Page, sent: _Sent, outlet: Outlet) -> None:
        """Push what is read in threads: no tick waits for it, nor is painted together with it."""
        if not sent.status.is_first:
            await self._sleep(self._after_tick_s)
        for pushes in (sent.status, sent.panels):
            for component, name, value in await pushes.due(page):
                outlet.set_prop_sync(component, name, value)

    async def _figure(self, page: Page, *, anyway: bool = False) -> str | None:
        page.outdated = False
        view, number = page.view, next(self._numbers)
        self._history.want(view, self._charts.companions(view))
        self._charts.want_facts(view)
        chart = await self._drawn.current(
            view,
            self.status.known.signals,
            self._history.note(view),
            self._services.views.heard(view.symbol),
            known=None if anyway else page.stamp,
        )
        if chart is None:
            return None
        page.note_figure(number, chart.stamp)
        return self._numbered(chart.json, number)

    def _numbered(self, figure: str, number: int) -> str:
        """Number a figure's JSON: two ways lead to the browser, which must know the later one."""
        return f'{{"server":"{self._name}","number":{number},"figure":{figure}}}'

    def _is_settled(self, page: Page) -> bool:
        shown = self._charts.bars(page.view)
        enough = page.stamp is not None and page.stamp.bars >= shown and not page.stamp.note
        return enough and is_live(self._services.feed.status())

    def _moved(self, update: CandleUpdate) -> None:
        self.pages.wake(update.symbol, outdated=update.closed)

    def _history_arrived(self, symbol: str) -> None:
        self.pages.wake(symbol, outdated=True)
