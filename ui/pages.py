"""
The open pages: what each shows, and how long it is believed to be there.

Dash shares one socket among the tabs of a browser and cannot tell that a tab was
closed or reloaded, so a page renews a lease; without it the page is forgotten.
"""

import asyncio
from collections.abc import Callable

from ui.chart_service import ChartStamp
from ui.view import View

LEASE_S = 15.0
MOST_PAGES = 64
_UNSEEN_PUSHES = 80
"""Pushes a browser may leave unread; a lease's worth at the highest rate is fewer."""


class TooManyPagesError(Exception):
    """More pages are open than one desktop can have."""


class Page:
    """
    One page in one browser tab. Lives on the event loop, never in a thread.

    Attributes:
        view: What it shows.
        pushed: Number of the newest push; ``seen`` is the newest the page confirmed.
        stamp: What the figure it has was drawn from; None when it has none.
        outdated: Whether its figure may differ from what the store knows now.
        panels: Keys of the panels that can be seen.
    """

    def __init__(self, view: View, lease_until_s: float) -> None:
        self.view = view
        self.panels: frozenset[str] = frozenset()
        self.lease_until_s = lease_until_s
        self.pushed = 0
        self.seen = 0
        self.stamp: ChartStamp | None = None
        self.outdated = True
        self._figure_number = 0
        self._loop_number = 0
        self._looping = False
        self._changed = asyncio.Event()

    @property
    def is_live(self) -> bool:
        """Whether a push loop serves it."""
        return self._looping

    @property
    def is_reading(self) -> bool:
        """Whether the browser keeps up with what it is sent."""
        return self.pushed - self.seen < _UNSEEN_PUSHES

    def show(self, view: View, panels: frozenset[str] | None = None) -> None:
        """Change what the page shows, and which panels can be seen; None for as before."""
        if panels is not None and panels != self.panels:
            appeared = not panels <= self.panels
            self.panels = panels
            if appeared:
                self.wake()  # what comes into sight is read at once
        if view != self.view:
            self.view = view
            self.outdated = True
            self.wake()

    def note_figure(self, number: int, stamp: ChartStamp) -> None:
        """Note what the browser is being sent; the highest number is what it will show."""
        if number > self._figure_number and stamp.view == self.view:
            self._figure_number, self.stamp = number, stamp

    def forget_figure(self) -> None:
        """Note that what was sent last may never arrive: it is to be sent again."""
        self.stamp = None
        self.outdated = True
        self.wake()

    def wake(self) -> None:
        """Tell the push loop that something changed."""
        self._changed.set()

    async def change(self, timeout_s: float) -> bool:
        """Wait for a change; False when none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True

    def begin_loop(self) -> int:
        """Take over from any earlier loop; return the number of the new one."""
        if self._loop_number:
            self.forget_figure()
        self._loop_number += 1
        self._looping = True
        self.seen = self.pushed
        self.wake()
        return self._loop_number

    def owns(self, loop_number: int) -> bool:
        """Whether a loop is still the page's newest."""
        return loop_number == self._loop_number

    def end_loop(self, loop_number: int) -> None:
        """Note that a loop ended; a newer one is not affected."""
        if self.owns(loop_number):
            self._looping = False
        else:
            self.wake()  # it may have heard what was meant for the newer one


class Pages:
    """Every page with a valid lease."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = MOST_PAGES) -> None:
        self._monotonic = monotonic
        self._most = most
        self._pages: dict[str, Page] = {}

    def renew(self, page_id: str, view: View) -> Page:
        """
        Keep a page for another lease; an unknown one is welcomed.

        Raises:
            TooManyPagesError: If there is no room for a new page.
        """
        now_s = self._monotonic()
        self._forget(now_s)
        page = self._pages.get(page_id)
        if page is None:
            if len(self._pages) >= self._most:
                raise TooManyPagesError(f"{self._most} pages are open already")
            page = self._pages[page_id] = Page(view, 0.0)
        page.lease_until_s = now_s + LEASE_S
        page.show(view)
        return page

    def known(self, page_id: str) -> Page | None:
        """Return a page that was welcomed before, None for another."""
        return self._pages.get(page_id)

    def holds(self, page: Page) -> bool:
        """Whether the lease of a page has not ended."""
        return self._monotonic() < page.lease_until_s

    def wake(self, symbol: str, *, outdated: bool) -> None:
        """Tell the pages which show ``symbol`` that it moved, or that its history changed."""
        for page in self._pages.values():
            if page.view.symbol == symbol:
                page.outdated = page.outdated or outdated
                page.wake()

    @property
    def symbols(self) -> frozenset[str]:
        """What the pages with a lease show."""
        return frozenset(page.view.symbol for page in self._pages.values() if self.holds(page))

    @property
    def live(self) -> int:
        """How many push loops run."""
        return sum(page.is_live for page in self._pages.values())

    def _forget(self, now_s: float) -> None:
        ended = [
            page_id
            for page_id, page in self._pages.items()
            if page.lease_until_s <= now_s and not page.is_live
        ]
        for page_id in ended:
            del self._pages[page_id]
