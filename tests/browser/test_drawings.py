"""Drawing on the chart in a real browser."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.serving import Served, served
from ui.drawings.feature import drawings_feature

pytestmark = pytest.mark.browser
KEY = "drawings:BTCUSDT"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    # The market stands still, so that only what a test does moves the chart.
    with served(world(), ticks_per_s=0.0, features=(drawings_feature(),)) as running:
        yield running


@pytest.fixture
def opened(browser, server) -> Iterator[Tab]:
    with tab(browser, server.url) as page:
        yield page.load()
        assert page.complaints == []


def _at(opened: Tab, across: float, down: float) -> tuple[float, float]:
    """A place of the price pane, by its shares of width and height."""
    found = opened.page.evaluate(
        """([across, down]) => {
             const pane = dash_clientside.chart.place();
             const box = document.getElementById('chart-box').getBoundingClientRect();
             return [box.left + pane.left + across * pane.width,
                     box.top + pane.top + down * pane.height];
           }""",
        [across, down],
    )
    return found[0], found[1]


def _drag(opened: Tab, start: tuple[float, float], end: tuple[float, float]) -> None:
    mouse = opened.page.mouse
    mouse.move(*_at(opened, *start))
    mouse.down()
    mouse.move(*_at(opened, *end), steps=3)
    mouse.up()


def _draw(opened: Tab, tool: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    opened.page.locator(f"[data-drawing-tool={tool}]").click()
    _drag(opened, start, end)


def _kept(opened: Tab) -> list[dict]:
    text = opened.page.evaluate(f"() => localStorage.getItem('{KEY}')")
    return json.loads(text) if text else []


def _changed(opened: Tab, before: dict) -> dict:
    """The one drawing, once it is kept otherwise than before."""
    until(lambda: _kept(opened) != [before], "the drawing is kept as it is now")
    (now,) = _kept(opened)
    return now


def _ends(opened: Tab) -> list[float]:
    path = opened.page.locator(".drawn.line .drawn-line").get_attribute("d")
    return [float(number) for number in re.findall(r"[\d.]+", str(path))]


def _placed(opened: Tab, shape: dict) -> list[float]:
    """Where the points of a drawing are on the chart as it is now."""
    found = opened.page.evaluate(
        """(points) => points.flatMap(([ms, price]) => {
             const pane = dash_clientside.chart.place();
             return [pane.x(ms), pane.y(price)];
           })""",
        shape["points"],
    )
    return [float(pixels) for pixels in found]


def test_a_drawing_stays_at_its_candles_and_prices(opened):
    home = opened.range()
    _draw(opened, "line", (0.3, 0.3), (0.6, 0.6))
    assert opened.range() == home  # the chart was not panned
    assert opened.page.locator("#chart-box.drawing").count() == 0  # the tool is put down
    (line,) = _kept(opened)
    drawn = _ends(opened)
    opened.page.mouse.wheel(0, -300)
    until(lambda: opened.range() != home, "zoomed")
    until(lambda: _ends(opened) != drawn, "the line follows the zoom")
    opened.page.locator("#interval").get_by_text("5m", exact=True).click()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "BTCUSDT|5m", "5m")
    assert opened.page.locator("[data-drawn]").count() == 1  # of the symbol, not of its candles
    opened.page.locator("#interval").get_by_text("1m", exact=True).click()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "BTCUSDT|1m", "1m")
    opened.load()
    assert _kept(opened) == [line]
    opened.page.locator(".drawn.line .drawn-line").wait_for(state="attached")
    until(lambda: _ends(opened) == pytest.approx(_placed(opened, line), abs=0.1), "at its place")


def test_a_drawing_is_moved_by_pointer_and_keys_and_erased(opened):
    _draw(opened, "line", (0.3, 0.3), (0.6, 0.6))
    (before,) = _kept(opened)
    home = opened.range()
    _drag(opened, (0.45, 0.45), (0.55, 0.45))
    moved = _changed(opened, before)
    by_ms = [b[0] - a[0] for a, b in zip(before["points"], moved["points"], strict=True)]
    assert by_ms[0] == by_ms[1] > 0
    _drag(opened, (0.7, 0.6), (0.7, 0.8))  # the end of the selected one
    pulled = _changed(opened, moved)
    assert pulled["points"][0] == moved["points"][0]
    assert pulled["points"][1][1] < moved["points"][1][1]
    opened.page.keyboard.press("ArrowRight")
    nudged = _changed(opened, pulled)
    assert nudged["points"][0][0] == pulled["points"][0][0] + 60_000
    assert opened.range() == home
    opened.page.keyboard.press("Delete")
    until(lambda: opened.page.locator(".drawn").count() == 0, "erased")
    assert _kept(opened) == []


def test_a_press_heard_before_the_last_release_is_done_with_is_not_lost(opened):
    _draw(opened, "line", (0.3, 0.3), (0.6, 0.6))
    (before,) = _kept(opened)
    opened.page.evaluate(
        """() => {
             const [later, never] = [window.setTimeout, window.clearTimeout];
             const late = new Map();
             window.setTimeout = (run, ms, ...rest) =>
               ms === undefined ? late.set(`late ${late.size}`, run).size && `late ${late.size - 1}`
                                : later(run, ms, ...rest);
             window.clearTimeout = (id) => late.delete(id) || never(id);
             window.catchUp = () => late.forEach((run) => run());
           }"""
    )
    _drag(opened, (0.45, 0.45), (0.55, 0.45))
    moved = _changed(opened, before)
    mouse = opened.page.mouse
    mouse.move(*_at(opened, 0.7, 0.6))
    mouse.down()
    opened.page.evaluate("() => catchUp()")  # the timers of a page that was busy
    mouse.move(*_at(opened, 0.7, 0.8), steps=3)
    mouse.up()
    assert _changed(opened, moved)["points"][1][1] < moved["points"][1][1]


def test_escape_gives_the_pointer_back_and_the_bin_asks(opened):
    _draw(opened, "measure", (0.3, 0.6), (0.5, 0.3))
    opened.page.locator(".drawn-text", has_text=" bars · ").wait_for(state="attached")
    opened.page.locator("[data-drawing-tool=fib]").click()
    opened.page.keyboard.press("Escape")
    home = opened.range()
    _drag(opened, (0.6, 0.8), (0.4, 0.8))
    until(lambda: opened.range() != home, "panned")
    assert len(_kept(opened)) == 1
    opened.page.locator("#drawings-clear").click()
    opened.page.locator("#drawings-ask-no").click()
    assert len(_kept(opened)) == 1
    opened.page.locator("#drawings-clear").click()
    opened.page.locator("#drawings-ask-yes").click()
    until(lambda: _kept(opened) == [], "all erased")


def test_tabs_show_the_same_and_what_is_broken_is_set_aside(browser, server):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.add_init_script(
        f"if (!sessionStorage.seen) {{ localStorage['{KEY}'] = '{{'; sessionStorage.seen = 1; }}"
    )
    with tab(context, server.url) as first:
        first.load()
        aside = f"() => localStorage['set-aside:{KEY}'] === '{{'"
        until(lambda: first.page.evaluate(aside), "set aside")
        with tab(context, server.url) as second:
            second.load()
            _draw(second, "rectangle", (0.3, 0.3), (0.6, 0.6))
            first.page.locator(".drawn.rectangle").wait_for(state="attached")
            assert first.complaints == second.complaints == []
    context.close()


def test_there_is_one_crosshair_with_price_and_time(opened):
    opened.page.mouse.move(*_at(opened, 0.4, 0.4))
    opened.page.mouse.move(*_at(opened, 0.5, 0.5))
    price = opened.page.locator(".crosshair-label.price text")
    until(lambda: re.fullmatch(r"[\d\u2009]+\.\d", str(price.text_content())), "price")
    time = str(opened.page.locator(".crosshair-label.time text").text_content())
    assert re.fullmatch(r"\w{3} \d+ \w{3} \d\d:\d\d", time)
    seen = opened.page.locator("#price-chart .spikeline:visible")
    assert seen.count() == 0
    opened.page.mouse.move(2, 2)
    opened.page.locator(".crosshair").wait_for(state="hidden")
