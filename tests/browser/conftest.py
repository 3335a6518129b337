"""Tabs of the one browser that remember what went wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.waiting import PATIENCE_S

VIEWPORT = {"width": 1600, "height": 1000}
IDLE = "about:blank"
STAYING = """() => {
  const later = window.setTimeout;
  const shown_ms = 7000; // SHOWN_MS of notifications.js
  window.setTimeout = (run, ms, ...rest) => (ms === shown_ms ? 0 : later(run, ms, ...rest));
}"""
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


class Tab:
    """A page with everything a careful person would have seen in its console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self._heard = {"console": self._said, "pageerror": self._failed, "request": self._asked}
        for event, hear in self._heard.items():
            page.on(event, hear)  # type: ignore[call-overload]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, error: Exception) -> None:
        self.complaints.append(f"page error: {error}")

    def _asked(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def load(self) -> "Tab":
        """Open the page and wait until it is live."""
        self.page.goto(self.url)
        self.page.locator("#feed-state.good").wait_for()
        self.page.locator("#last-price-value:not(:empty)").wait_for()
        self.page.locator(".live-label-text:not(:empty)").wait_for(state="attached")
        return self

    def keep_toasts(self) -> None:
        """Let what pops up from now on stay: a slow test would look when it is gone."""
        self.page.evaluate(STAYING)

    def away(self) -> None:
        """
        Leave the page for the blank one, which keeps what the page has remembered.

        Asked by the page itself, the blank one has its origin and stays in its process.
        """
        self.page.evaluate(f"location.replace('{IDLE}')")
        self.page.wait_for_url(IDLE)

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def plot(self, expression: str) -> object:
        """Evaluate with ``gd``, Plotly's element, in scope."""
        selector = "document.querySelector('#price-chart .js-plotly-plot')"
        return self.page.evaluate(f"() => {{ const gd = {selector}; return {expression}; }}")

    def range(self) -> list[str]:
        """What Plotly shows, as it says it."""
        found = self.plot("[...gd._fullLayout.xaxis.range]")
        assert isinstance(found, list)
        return found

    def leave(self) -> None:
        """Forget what the page has remembered, and give it back for the next test."""
        for event, hear in self._heard.items():
            self.page.remove_listener(event, hear)
        self.page.context.clear_cookies()
        self.away()
        self.page.evaluate(FORGET)


def _idle_page(browser: Browser) -> Page:
    """The page that the last test gave back, or a new one."""
    pages = [page for context in browser.contexts for page in context.pages if page.url == IDLE]
    page = pages[0] if pages else browser.new_page()
    page.evaluate("location.hash = 'taken'")
    page.set_viewport_size(VIEWPORT)  # type: ignore[arg-type]
    page.mouse.move(0, 0)
    return page


@contextmanager
def tab(where: Browser | BrowserContext, url: str) -> Iterator[Tab]:
    """
    A tab that remembers nothing of earlier tests; in a context of the test's own what it knows.

    In the browser it is one page after the other in one window: that has the scripts of the page
    in its cache, compiled, which is more than half of what a load costs.
    """
    opened = Tab(_idle_page(where) if isinstance(where, Browser) else where.new_page(), url)
    opened.page.set_default_timeout(1_000.0 * PATIENCE_S)
    given_back = False
    try:
        yield opened
        if isinstance(where, Browser):
            opened.leave()
            given_back = True
    finally:
        if not given_back:
            opened.page.close()
