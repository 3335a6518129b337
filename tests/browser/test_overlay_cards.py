"""The picker of overlays, the regime card and the telemetry card in a real browser."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.model.engine_state import EngineActivity
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.telemetry import FeatureCost
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import NOON_MS, world
from tests.ui.serving import Served, served

pytestmark = pytest.mark.browser
SIX = {
    "Liquidity Zones": "liquidity_zones",
    "Supertrend": "supertrend",
    "Chandelier Exit": "chandelier_exit",
    "Order Flow": "order_flow",
    "Market Regime": "market_regime",
    "Timeframe Alignment": "timeframe_alignment",
}
DRAWN = "gd._fullLayout.meta.overlays"
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(browser) -> Iterator[tuple[Tab, Served]]:
    with served(world()) as server, tab(browser, server.url) as opened:
        yield opened.load(), server
        assert opened.complaints == []


def picked(opened):
    return [
        box.get_attribute("value")
        for box in opened.page.locator(".picker input[type=checkbox]").all()
        if box.is_checked()
    ]


def test_the_six_of_the_runbook_come_first_are_on_and_can_each_be_switched(page):
    opened, _ = page
    until(lambda: opened.plot(DRAWN) == list(SIX.values()), "all six drawn")
    labels = opened.page.locator(".picker .overlay-row label").all_inner_texts()
    assert labels[:6] == list(SIX)
    assert picked(opened) == list(SIX.values())
    for title, key in SIX.items():
        box = opened.page.locator(".picker").get_by_role("checkbox", name=title)
        box.uncheck()
        until(lambda key=key: key not in opened.plot(DRAWN), f"{title} gone")
        box.check()
        until(lambda key=key: key in opened.plot(DRAWN), f"{title} back")


def test_folded_sections_open_with_the_keyboard_and_say_how_many_are_on(page):
    opened, _ = page
    section = opened.page.locator(".picker details", has_text="More: Momentum")
    assert not opened.page.get_by_role("checkbox", name="RSI").is_visible()
    section.locator("summary").focus()
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("Tab")
    opened.page.keyboard.press("Space")
    until(lambda: len(opened.plot(DRAWN)) == len(SIX) + 1, "a seventh")
    section.locator(".picked").get_by_text("1 on", exact=True).wait_for()


def test_the_question_mark_tells_all_and_escape_closes_it(page):
    opened, _ = page
    opened.page.get_by_role("button", name="About Supertrend").focus()
    opened.page.keyboard.press("Enter")
    about = opened.page.locator(".about:visible")
    about.get_by_text("average true ranges away").wait_for()
    about.get_by_text("distance of the band from price").wait_for()
    about.get_by_text("Source:").wait_for()
    box = about.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 1000
    opened.page.keyboard.press("Escape")
    about.wait_for(state="hidden")


def test_what_was_switched_stays_switched_and_what_is_new_begins_as_meant(browser):
    market = world()
    older = {k: o for k, o in market.services.overlays.items() if k != "order_flow"}
    services = market.services
    market = replace(market, services=replace(services, overlays=older))
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    with served(market) as server, tab(context, server.url) as opened:
        opened.load()
        opened.page.get_by_role("checkbox", name="Supertrend").uncheck()
        opened.page.get_by_text("More: Momentum").click()
        opened.page.get_by_role("checkbox", name="RSI").check()
        until(lambda: "rsi" in opened.plot(DRAWN), "RSI")
        opened.load()
        until(lambda: "rsi" in opened.plot(DRAWN), "RSI after a reload")
        port = server.port
    newer = replace(market, services=services)
    server = Served(newer, port, ticks_per_s=4.0)
    server.start()
    try:
        with tab(context, server.url) as opened:
            opened.load()
            expected = {*SIX.values(), "rsi"} - {"supertrend"}
            until(lambda: set(opened.plot(DRAWN)) == expected, "the newer page")
            assert opened.complaints == []
    finally:
        server.stop()
        context.close()


def test_garbage_in_the_browsers_memory_is_passed_over(page):
    opened, _ = page
    for garbage in ("{", '{"supertrend": "no"}'):
        opened.page.evaluate("(text) => localStorage.setItem('overlay-choices', text)", garbage)
        opened.load()
        until(lambda: opened.plot(DRAWN) == list(SIX.values()), f"the six despite {garbage}")


def test_the_regime_card_says_what_market_it_is_and_its_button_sets_the_picker(page):
    opened, _ = page
    card = opened.page.locator("#regime")
    card.get_by_text("BTCUSDT 1m · as of").wait_for()
    assert opened.page.locator("#regime .headline").inner_text().split(" · ")[1]
    opened.page.locator("#interval").get_by_text("5m", exact=True).click()
    card.get_by_text("BTCUSDT 5m · as of").wait_for()
    before = picked(opened)
    opened.page.get_by_role("button", name="Use", exact=True).click()
    until(lambda: picked(opened) != before, "another choice")
    until(lambda: set(opened.plot(DRAWN)) == set(picked(opened)), "drawn as chosen")
    followed = set(picked(opened))
    opened.load()
    until(lambda: set(opened.plot(DRAWN)) == followed, "remembered")


def test_while_it_warms_up_the_last_known_regime_stands(browser):
    market = world()
    series = market.store.series["BTCUSDT", Interval.M1]
    market.store.series["BTCUSDT", Interval.M1] = series.tail(90)
    market.journal.known_regimes = {
        ("BTCUSDT", Interval.M1): RegimeChange(
            "BTCUSDT", Interval.M1, Regime.TREND_DOWN, NOON_MS - 60_000, NOON_MS - 1
        )
    }
    with served(market) as server, tab(browser, server.url) as opened:
        opened.load()
        card = opened.page.locator("#regime")
        card.get_by_text("Trend down", exact=True).wait_for()
        card.get_by_text("last known").wait_for()
        assert "12:00 UTC" in card.inner_text()
        assert "warming up: 90 of" in card.inner_text()


def test_the_telemetry_card_fills_when_the_engine_evaluates_and_says_so_when_it_does_not(page):
    opened, server = page
    engine = server.world.engine
    card = opened.page.locator("#telemetry-card")
    card.get_by_text("recorded when signals are generated").wait_for()
    costs = tuple(
        FeatureCost(key, 40, errors, 0.2, 0.2, p95_ms, 80.0, share, (0.1, 0.2, 0.1), reason)
        for key, errors, p95_ms, share, reason in (
            ("supertrend", 0, 0.4, 0.1, ""),
            ("order_flow", 0, 7.5, 0.6, ""),
            ("features.trend", 1, 0.1, 0.3, f"ValueError: {EVIL}"),
        )
    )
    engine.now = replace(engine.now, costs=costs)
    rows = card.locator("> table tbody tr")
    until(lambda: rows.count() == 4, "three features and a reason")
    first = rows.nth(0)
    assert "Order Flow" in first.inner_text()
    assert first.get_attribute("class") == "costly"
    assert rows.nth(2).inner_text() == f"1 of 40 failed, now: ValueError: {EVIL}"
    assert card.locator("img[src=x]").count() == 0
    image = rows.nth(0).locator("img")
    until(lambda: image.evaluate("(image) => image.naturalWidth") > 0, "the image is decoded")
    until(lambda: opened.text("#cost-order_flow") == "7.5", "the cost in the picker")
    engine.now = replace(engine.now, activity=EngineActivity.STOPPED, costs=())
    card.get_by_text("make start").wait_for()


def test_the_cards_fit_their_columns_at_every_width(page):
    opened, _ = page
    for section in opened.page.locator(".picker summary").all():
        section.click()
    for width in (1000, 1280, 1600, 1920):
        opened.page.set_viewport_size({"width": width, "height": 900})
        for side in opened.page.locator(".side").all():
            assert side.evaluate("(box) => box.scrollWidth <= box.clientWidth"), width
        for label in opened.page.locator(".overlay-row label").all()[: len(SIX)]:
            assert label.evaluate("(text) => text.scrollWidth <= text.clientWidth + 1"), width
        room = opened.page.locator("#chart-box").bounding_box()
        assert room is not None
        assert room["width"] >= 0.5 * width
