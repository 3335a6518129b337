"""The emergency stop in a real browser: on a page of fakes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from core.config import Home
from ops.emergency.latch import prepare_latch
from ops.launch import Installation
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.serving import Served, served
from ui.access.action_token import ActionToken
from ui.emergency.desk import Means
from ui.emergency.feature import emergency_feature

pytestmark = pytest.mark.browser
STOP_IT = "#emergency-stop-act"
RESUME_IT = "#emergency-resume-act"
BANNER = "#emergency-banner"
HOLDING = """() => {
  const { setTimeout: later, clearTimeout: never } = window;
  const begun = { acts: new Set(), count: 0 };
  window.setTimeout = (run, ms, ...rest) => {
    const isAct = document.querySelector("button.held") && ms === 1000; // HOLD_MS of emergency.js
    const id = later(isAct ? () => {} : run, ms, ...rest);
    if (isAct) {
      begun.acts.add(id);
      begun.count += 1;
    }
    return id;
  };
  window.clearTimeout = (id) => begun.acts.delete(id) | never(id);
  window.lookedBack = () => {
    Object.assign(window, { setTimeout: later, clearTimeout: never });
    return [begun.count, begun.acts.size];
  };
}"""
"""No act happens, however long a slow machine takes for a short press: they are counted."""
WHY = '<img src=x onerror="document.title=1"><script>document.title=1</script>'


@pytest.fixture
def page(browser, tmp_path: Path) -> Iterator[tuple[Tab, Served, Home, list[Installation]]]:
    market, home, actions = world(), Home(tmp_path), ActionToken()
    home.create()
    prepare_latch(home.emergency_latch)
    started: list[Installation] = []
    installation = Installation(home, market.services.settings)
    features = (emergency_feature(installation, actions, Means(relaunch=started.append)),)
    with (
        served(market, ticks_per_s=1.0, features=features, actions=actions) as server,
        tab(browser, server.url) as opened,
    ):
        opened.load()
        opened.page.locator("#emergency-open").wait_for()
        yield opened, server, home, started


def held(opened: Page, selector: str) -> None:
    """Press a button of a dialog until its dialog is gone."""
    box = opened.locator(selector).bounding_box()
    assert box is not None
    opened.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened.mouse.down()
    opened.locator(selector).wait_for(state="hidden")
    opened.mouse.up()


def too_shortly(opened: Page, selector: str) -> object:
    """Press a button by mouse and key; how many acts were begun, and how many not given up."""
    opened.evaluate(HOLDING)
    opened.locator(selector).click()
    opened.keyboard.press("Enter")
    return opened.evaluate("lookedBack()")


def test_a_stop_needs_one_deliberate_act_and_shows_its_proof_until_it_is_resumed(page):
    opened, server, home, started = page
    opened.page.locator("#emergency-open").click()
    assert opened.page.evaluate("document.activeElement.id") == "emergency-stop-cancel"
    assert too_shortly(opened.page, STOP_IT) == [2, 0]
    opened.page.keyboard.press("Escape")
    opened.page.locator("#emergency-stop-dialog").wait_for(state="hidden")
    assert not home.emergency_latch.exists()

    opened.page.locator("#emergency-open").click()
    opened.page.locator("#emergency-stop-reason").fill(WHY)
    held(opened.page, STOP_IT)
    opened.page.locator(f"{BANNER} .emergency-steps").wait_for()
    opened.page.get_by_text("nothing is entered until it is resumed").wait_for()
    assert home.emergency_latch.exists()
    until(lambda: "backup" in opened.text(".emergency-steps"), "the backup's step")
    assert "spared" in opened.text(".emergency-steps")
    assert WHY in opened.text(BANNER)
    assert opened.page.title() != "1"
    assert opened.page.locator(f"{BANNER} :is(img, script)").count() == 0

    for path in ("system", "performance", ""):
        opened.page.goto(f"{server.url}{path}")
        opened.page.get_by_text("nothing is entered until it is resumed").wait_for()
        assert opened.page.locator("#emergency-open").is_visible()

    opened.page.locator("#emergency-resume").click()
    opened.page.locator("#emergency-resume-reason").fill("it was a drill")
    held(opened.page, RESUME_IT)
    opened.page.locator(BANNER).wait_for(state="hidden")
    assert not home.emergency_latch.exists()
    assert [installation.home for installation in started] == [home]
    assert opened.complaints == []


def test_it_works_with_the_keyboard_and_resuming_needs_a_reason(page):
    opened, _, home, started = page
    opened.page.locator("#emergency-open").press("Enter")
    opened.page.locator(STOP_IT).focus()
    opened.page.keyboard.down(" ")
    opened.page.locator(STOP_IT).wait_for(state="hidden")
    opened.page.keyboard.up(" ")
    until(home.emergency_latch.exists, "the latch")
    opened.page.locator("#emergency-resume:not([disabled])").click()
    opened.page.locator(RESUME_IT).focus()
    opened.page.keyboard.down("Enter")
    opened.page.get_by_text("Resuming needs a reason").wait_for()
    opened.page.keyboard.up("Enter")
    assert home.emergency_latch.exists()
    assert started == []
    assert opened.complaints == []  # nothing is asked for in vain


def test_without_its_server_the_page_says_what_to_do_in_a_terminal(page):
    opened, server, home, _ = page
    server.stop()
    opened.page.locator("#emergency-open").click()
    held_until_said = opened.page.locator(STOP_IT)
    held_until_said.focus()
    opened.page.keyboard.down("Enter")
    opened.page.get_by_text("In a terminal: make emergency-stop").wait_for()
    opened.page.keyboard.up("Enter")
    assert not home.emergency_latch.exists()
    server.start()


def test_all_can_be_stopped_while_there_is_no_market_to_show(browser, tmp_path):
    market, home, actions = world(), Home(tmp_path), ActionToken()
    home.create()
    prepare_latch(home.emergency_latch)
    market.feed.followed = ()
    bare = market.services.settings.model_copy(update={"symbols": ()})
    market = replace(market, services=replace(market.services, settings=bare))
    features = (emergency_feature(Installation(home, bare), actions),)
    with (
        served(market, ticks_per_s=0, features=features, actions=actions) as server,
        tab(browser, server.url) as opened,
    ):
        opened.page.goto(server.url)
        opened.page.get_by_text("Asking the exchange").wait_for()
        opened.page.locator("#emergency-open").click()
        held(opened.page, STOP_IT)
        until(home.emergency_latch.exists, "the latch")
        opened.page.locator(BANNER).get_by_text("EMERGENCY STOP").wait_for()
        market.feed.followed = ("BTCUSDT",)
        opened.page.locator("#price-chart").wait_for()  # it came again by itself
