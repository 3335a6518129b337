"""A real browser, and pages in it that remember what went wrong."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")  # Playwright's loop must have ended before others run theirs
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"CHROMIUM IS NOT INSTALLED ({CHROMIUM}): the page is not tested in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield launched
        launched.close()


class Tab:
    """A page with everything a careful person would have seen in its console."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def load(self) -> "Tab":
        """Open the page and wait until it is live."""
        self.page.goto(self.url)
        self.page.locator("#feed-state.good").wait_for()
        self.page.locator("#last-price-value:not(:empty)").wait_for()
        self.page.locator(".live-label-text:not(:empty)").wait_for(state="attached")
        return self

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


@contextmanager
def tab(where: Browser | BrowserContext, url: str) -> Iterator[Tab]:
    """A tab of its own; in a browser also a profile of its own."""
    page = (
        where.new_page(viewport={"width": 1600, "height": 1000})
        if isinstance(where, Browser)
        else where.new_page()
    )
    page.set_default_timeout(60_000)
    try:
        yield Tab(page, url)
    finally:
        page.close()
