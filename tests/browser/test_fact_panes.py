"""Panes of funding and open interest, and the heights of panes, in a real browser."""

from collections.abc import Iterator

import pytest

from core.data.market_facts_history import FactReading
from core.model.funding import Settlement
from core.model.intervals import MINUTE_MS
from core.model.open_interest import OpenInterest
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import NOON_MS, world
from tests.ui.serving import Served, served
from ui.fact_panes.feature import fact_panes_feature

pytestmark = pytest.mark.browser
HELD = tuple(OpenInterest(NOON_MS - i * 5 * MINUTE_MS, 1_000.0 - i) for i in range(200, -1, -1))
SETTLED = tuple(Settlement(NOON_MS - (4 + 8 * i) * 60 * MINUTE_MS, 0.0001) for i in (2, 1, 0))


@pytest.fixture
def page(browser) -> Iterator[tuple[Tab, Served]]:
    with (
        served(world(), features=(fact_panes_feature(),)) as server,
        tab(browser, server.url) as opened,
    ):
        yield opened.load(), server
        assert opened.complaints == []


def words(opened: Tab, key: str) -> str:
    return opened.page.locator(f".fact-words[data-fact={key}]").inner_text()


def share(opened: Tab, kind: str) -> float:
    axis = f"gd.layout.meta.panes.find(([, kind]) => kind === '{kind}')[0]"
    found = opened.plot(f"(([low, high]) => high - low)(gd._fullLayout[{axis}].domain)")
    assert isinstance(found, float | int)
    return float(found)


def test_a_pane_says_what_is_not_known_then_shows_it_and_is_remembered(page):
    opened, server = page
    facts = server.world.facts
    facts.held = FactReading(None, "HTTP 503 Service Unavailable.")
    opened.page.locator("[data-fact=open-interest]").click()
    opened.page.get_by_text(
        "Open interest: the exchange did not answer, next try in 30 s"
    ).wait_for()
    facts.held, facts.settled = FactReading(HELD), FactReading(SETTLED)
    server.call(lambda: facts.tell("BTCUSDT"))
    opened.page.get_by_text("1 000 contracts").wait_for()
    opened.page.locator("button[data-fact=funding]").click()
    until(lambda: "+10.95 % a year" in words(opened, "funding"), "the yearly rate")
    opened.page.reload()
    opened.page.get_by_text("1 000 contracts").wait_for()
    pressed = opened.page.locator("button[data-fact][aria-pressed=true]")
    until(lambda: pressed.count() == 2, "both switches pressed")
    pressed.first.click()
    until(lambda: opened.page.locator(".fact-words").count() == 1, "one pane left")


def test_panes_are_made_higher_by_mouse_and_keyboard_remembered_and_reset(page):
    opened, _ = page
    edge = opened.page.locator(".pane-edge[data-kind=volume]")
    edge.wait_for()
    before = share(opened, "volume")
    box = edge.bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + 200, box["y"] + 3)
    opened.page.mouse.down()
    opened.page.mouse.move(box["x"] + 200, box["y"] - 60, steps=4)
    opened.page.mouse.up()
    until(lambda: share(opened, "volume") > before + 0.05, "a higher pane")
    edge.focus()
    dragged = share(opened, "volume")
    opened.page.keyboard.press("ArrowDown")
    until(lambda: share(opened, "volume") < dragged - 0.01, "a lower pane")
    lowered = share(opened, "volume")
    told = str(round(100 * lowered))
    until(lambda: edge.get_attribute("aria-valuenow") == told, "the height told to all")
    opened.page.reload()
    edge.wait_for()
    until(lambda: abs(share(opened, "volume") - lowered) < 1e-6, "the height it had")
    edge.dblclick()
    until(lambda: abs(share(opened, "volume") - before) < 1e-6, "the height it came with")
