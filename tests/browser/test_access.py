"""The login in a real browser, on a page that has a password."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from pydantic import SecretStr

from core.config.password_hash import PasswordHash
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.serving import Served, served
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.feature import access_feature
from ui.access.server_key import ServerKey

pytestmark = pytest.mark.browser
WORD = "correct horse battery"
LOGIN = "button[type=submit]"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Served]:
    market = world()
    hashed = SecretStr(PasswordHash.of(WORD, cost=1 << 14, parallel=1).line)
    chosen = market.services.settings
    dashboard = chosen.dashboard.model_copy(update={"password_hash": hashed})
    settings = chosen.model_copy(update={"dashboard": dashboard})
    market = replace(market, services=replace(market.services, settings=settings))
    key = ServerKey(tmp_path / "session.key")
    access, actions = Access(dashboard, key), ActionToken(key)
    with served(
        market,
        ticks_per_s=1.0,
        features=(access_feature(access, actions),),
        actions=actions,
        access=access,
    ) as server:
        yield server


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1600, "height": 1000})
    yield made
    made.close()


def log_in(page: Page, word: str = WORD) -> None:
    page.get_by_label("Password").fill(word)
    page.locator(LOGIN).click()


def test_a_password_leads_to_the_live_page_and_logging_out_away_from_it(context, guarded):
    with tab(context, f"{guarded.url}?symbol=ETHUSDT&interval=15m") as opened:
        page = opened.page
        page.goto(opened.url)
        page.locator("[name=password]:focus").wait_for()  # it has the focus from the beginning
        log_in(page, "wrong password")
        page.get_by_text("This is not the password.").wait_for()
        refusal = "the server responded with a status of 403"
        until(lambda: any(refusal in said for said in opened.complaints), "the refusal")
        opened.complaints.clear()  # Chromium logs each 403

        log_in(page)
        _live(opened)
        assert "symbol=ETHUSDT" in page.url
        assert context.cookies()[0]["httpOnly"] is True
        assert context.cookies()[0]["sameSite"] == "Strict"
        assert page.evaluate("document.cookie") == ""
        assert opened.complaints == []

        with tab(context, f"{guarded.url}system") as other:
            other.page.goto(other.url)
            other.page.get_by_role("heading", name="System").wait_for()
            page.locator("#access-logout").click()
            page.locator(LOGIN).wait_for()
            other.page.locator(LOGIN).wait_for()  # its next lease is refused
        page.goto(guarded.url)
        page.locator(LOGIN).wait_for()


def test_a_session_outlives_a_restart_of_the_server(context, guarded):
    with tab(context, guarded.url) as opened:
        opened.page.goto(opened.url)
        log_in(opened.page)
        _live(opened)
        guarded.stop()
        guarded.start()
        opened.page.reload()
        _live(opened)


def _live(opened: Tab) -> None:
    opened.page.locator("#feed-state.good").wait_for()
    opened.page.locator("#last-price-value:not(:empty)").wait_for()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_login_is_readable_in_either_theme(browser, guarded, scheme):
    context = browser.new_context(color_scheme=scheme)
    try:
        with tab(context, guarded.url) as opened:
            opened.page.goto(opened.url)
            ground = "getComputedStyle(document.body).backgroundColor"
            expected = {"dark": "rgb(13, 17, 23)", "light": "rgb(239, 242, 246)"}
            assert opened.page.evaluate(ground) == expected[scheme]
    finally:
        context.close()
