"""Pages, theme, regions, keyboard and notifications in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Home
from core.data.market_events import MarkPrice
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import NOON_MS, FakeFeedStatus, signal, world
from tests.ui.serving import Served, served
from ui.notifications.feature import notifications_feature
from ui.shell.feature import shell_feature

pytestmark = pytest.mark.browser
SHOWN = "gd._fullLayout.meta.market"
ROOT = "document.documentElement.dataset"


@pytest.fixture
def page(browser, tmp_path: Path) -> Iterator[tuple[Tab, Served]]:
    market, home = world(), Home(tmp_path)
    market.journal.signals = (signal(1),)
    market.feed.listed = ("XRPUSDT",)
    mark = MarkPrice("BTCUSDT", 64_001.5, 64_000.0, 0.0001, NOON_MS + 8_000_000, 1)
    market.feed.marks = {"BTCUSDT": mark}
    features = (
        shell_feature(market.services, home),
        notifications_feature(market.services, home),
    )
    with served(market, features=features) as server, tab(browser, server.url) as opened:
        yield opened.load(), server
        assert opened.complaints == []


def test_pages_have_addresses_and_the_chart_survives_the_way_there_and_back(page):
    opened, server = page
    opened.plot("void (gd.isTheSame = true)")
    opened.page.get_by_role("link", name="System").click()
    table = opened.page.locator("#feed-streams table")
    table.wait_for()
    until(lambda: "/system?symbol=BTCUSDT&interval=1m" in opened.page.url, "its address")
    assert not opened.page.locator("#price-chart").is_visible()
    until(lambda: opened.text("#feed-card-state") == "LIVE", "the feed card")
    opened.page.go_back()
    opened.page.locator("#price-chart").wait_for()
    assert opened.plot("gd.isTheSame") is True
    opened.page.goto(f"{server.url}performance")
    opened.page.get_by_role("heading", name="Performance", exact=True).wait_for()
    assert not opened.page.locator("#price-chart").is_visible()


def test_the_address_says_what_is_shown_and_a_wrong_one_is_said_to_be(page):
    opened, server = page
    opened.url = f"{server.url}?symbol=ETHUSDT&interval=15m"
    opened.load()
    until(lambda: opened.plot(SHOWN) == "ETHUSDT|15m", "what the address says")
    opened.page.keyboard.press("2")
    until(lambda: opened.plot(SHOWN) == "ETHUSDT|5m", "the second interval")
    until(lambda: "interval=5m" in opened.page.url, "the address follows")
    opened.url = f"{server.url}?symbol=NOSUCH&interval=5m"
    opened.load()
    opened.page.locator("#notifications-bell").click()  # what popped up may be gone
    told = opened.page.locator("#notifications-list")
    told.get_by_text("symbol “NOSUCH” of the address is not on offer").wait_for()
    until(lambda: opened.plot(SHOWN) == "ETHUSDT|5m", "what was remembered")


def test_a_perpetual_that_is_not_followed_is_followed_while_it_is_shown(page):
    opened, server = page
    opened.keep_toasts()
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("XRP")
    opened.page.get_by_role("option", name="XRPUSDT").click()
    until(lambda: frozenset({"XRPUSDT"}) in server.world.feed.focused, "asked of the feed")
    opened.page.get_by_text("XRPUSDT is followed while it is shown").first.wait_for()


def test_theme_folded_regions_and_cards_are_remembered(page):
    opened, _ = page
    width = opened.page.locator("#chart-box").bounding_box()["width"]
    opened.page.get_by_role("button", name="Dark or light theme").click()
    opened.page.get_by_role("button", name="Fold the overlays").click()
    opened.page.get_by_role("button", name="Fold the tables").click()
    opened.page.locator("[data-card=telemetry] > summary").click()
    until(lambda: "light" in remembered(opened, "look"), "the theme is kept")
    until(lambda: "telemetry" in remembered(opened, "layout"), "the folded card is kept")
    opened.load()
    wanted = {
        "theme": "light",
        "page": "trade",
        "left": "folded",
        "right": "open",
        "bottom": "folded",
        "mantineColorScheme": "light",
        "charts": "1",
    }
    until(lambda: opened.page.evaluate(f"({{...{ROOT}}})") == wanted, "laid out as it was left")
    assert opened.page.locator("#chart-box").bounding_box()["width"] > width + 100
    assert not opened.page.locator("#telemetry-card").is_visible()
    ground = "getComputedStyle(document.body).backgroundColor"
    assert opened.page.evaluate(ground) == "rgb(239, 242, 246)"


def remembered(opened: Tab, key: str) -> str:
    return str(opened.page.evaluate(f"localStorage.getItem('{key}')"))


def test_the_chart_has_the_room_it_is_due(page):
    opened, _ = page
    box = opened.page.locator("#chart-box").bounding_box()
    assert box["width"] >= 0.55 * 1600
    assert box["height"] >= 0.60 * 1000
    edge = opened.page.locator("#bottom-edge")
    edge.focus()
    height = int(edge.get_attribute("aria-valuenow"))
    opened.page.keyboard.press("ArrowUp")
    until(
        lambda: opened.page.locator("#chart-box").bounding_box()["height"] < box["height"],
        "higher tables",
    )
    until(lambda: int(edge.get_attribute("aria-valuenow")) > height, "their height told to all")


def test_no_page_scrolls_sideways_and_the_chart_keeps_its_room_on_a_phone(page):
    opened, server = page
    for width in (390, 768, 1024):
        opened.page.set_viewport_size({"width": width, "height": 844})
        for path in ("", "performance", "system"):
            opened.url = f"{server.url}{path}"
            opened.load()
            too_wide = "document.documentElement.scrollWidth - innerWidth"
            assert opened.page.evaluate(too_wide) <= 0, f"{path} at {width}"
            assert opened.page.locator("#theme-switch").is_visible()
    opened.page.set_viewport_size({"width": 390, "height": 844})
    opened.url = server.url
    opened.load()
    box = opened.page.locator("#chart-box").bounding_box()
    assert box["width"] >= 380
    assert box["height"] >= 320
    opened.page.get_by_role("button", name="Fold the overlays").click()
    opened.page.get_by_role("checkbox", name="Supertrend").wait_for()


def test_the_keyboard_is_explained_and_reaches_everything(page):
    opened, _ = page
    opened.page.keyboard.press("?")
    help_ = opened.page.get_by_role("dialog", name="Keyboard")
    help_.get_by_text("Search for a symbol").wait_for()
    opened.page.keyboard.press("3")  # meant for nobody while a dialog is open
    opened.page.keyboard.press("Escape")
    help_.wait_for(state="hidden")
    assert "interval=1m" in opened.page.url
    opened.page.keyboard.press("o")
    assert opened.page.evaluate("document.activeElement.closest('.side.left') !== null")


def test_a_new_signal_and_a_lost_feed_pop_up_and_are_listed(page):
    opened, server = page
    bell = opened.page.locator("#notifications-bell")
    until(lambda: opened.text("#mark-price").replace("\u2009", "") == "64001.5", "header told")
    opened.keep_toasts()
    items = opened.page.locator("#notifications-list")
    bell.click()
    items.get_by_text("LONG BTCUSDT 1m").wait_for()  # what was there before is read, and no news
    opened.page.keyboard.press("Escape")
    items.wait_for(state="hidden")
    toasts = opened.page.locator("#notifications-toasts")
    assert toasts.get_by_text("LONG BTCUSDT 1m").count() == 0
    server.world.journal.signals = (signal(2), signal(1))
    toasts.get_by_text("LONG BTCUSDT 1m").wait_for()
    server.world.feed.now = FakeFeedStatus("silent", 12.0, "No frame for 12 s")
    toasts.get_by_text("Feed silent").wait_for()
    assert opened.text("#notifications-unread") != ""
    bell.click()
    items.get_by_text("Feed silent").wait_for()
    items.get_by_text("LONG BTCUSDT 1m").first.wait_for()
    assert not opened.page.locator("#notifications-unread").is_visible()
    opened.page.keyboard.press("Escape")
    items.wait_for(state="hidden")


def test_sets_of_overlays_are_saved_applied_and_forgotten(page):
    opened, _ = page
    drawn = "gd._fullLayout.meta.overlays.length"
    until(lambda: opened.plot(drawn) == 6, "the six")
    opened.page.get_by_role("button", name="Save what is on as a set").click()
    opened.page.keyboard.type("s")
    opened.page.evaluate("dash_clientside.overlay_sets.draw()")  # as a busy page does late
    opened.page.keyboard.type("ix")
    opened.page.keyboard.press("Enter")
    opened.page.get_by_role("checkbox", name="Supertrend").uncheck()
    until(lambda: opened.plot(drawn) == 5, "five")
    opened.page.get_by_role("button", name="Show the overlays of six").click()
    until(lambda: opened.plot(drawn) == 6, "six again")
    opened.page.get_by_role("button", name="Forget the set six").click()
    opened.page.get_by_role("button", name="Show the overlays of six").wait_for(state="detached")
