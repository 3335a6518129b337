"""Two and four charts in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.serving import Served, served
from ui.drawings.feature import drawings_feature
from ui.layouts.feature import layouts_feature

pytestmark = pytest.mark.browser
SEEN = "() => window.dash_clientside.panels.visible()"
NEEDED = ["drawings-layer", "layouts-embed"]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(world(), features=(drawings_feature(), layouts_feature())) as running:
        yield running


@pytest.fixture
def opened(browser, server) -> Iterator[Tab]:
    with tab(browser, server.url) as page:
        yield page.load()
        assert page.complaints == []


def _market(frame: Frame) -> object:
    return frame.evaluate("() => window.dash_clientside?.chart?.market() ?? null")


def _frames(opened: Tab, count: int) -> list[Frame]:
    """The frames with a chart each, by their slot."""

    def found() -> list[Frame]:
        opened.page.locator("iframe").count()  # Playwright hears of frames only while it is asked
        return sorted((f for f in opened.page.frames if "embed=1" in f.url), key=lambda f: f.url)

    until(lambda: len(found()) == count and all(_market(f) for f in found()), f"{count} charts")
    return found()


def _charts(opened: Tab, count: int) -> list[Frame]:
    opened.page.locator(f"button[data-charts='{count}']").click()
    return _frames(opened, count - 1)


def test_four_charts_live_and_point_at_the_same_time(opened):
    frames = _charts(opened, 4)
    assert [_market(f) for f in frames] == ["BTCUSDT|15m", "BTCUSDT|1h", "BTCUSDT|4h"]
    pushes = "() => window.dash_clientside.live.seen()"
    for frame in frames:
        until(lambda frame=frame: frame.evaluate(pushes) > 3, "pushes")
        until(lambda frame=frame: frame.evaluate(SEEN) == NEEDED, "only what a frame needs")
    box = opened.page.locator("#chart-box").bounding_box()
    assert box is not None
    opened.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 100)
    opened.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 110)
    for frame in frames:
        frame.locator(".crosshair-label.time text:not(:empty)").wait_for()
    assert opened.page.locator(".crosshair-label.time").is_visible()
    _charts(opened, 1)
    assert opened.page.locator("iframe").count() == 0


def test_a_frame_has_a_market_of_its_own_and_remembers_it(opened):
    (frame,) = _charts(opened, 2)
    frame.locator("#interval").get_by_text("4h", exact=True).click()
    until(lambda: _market(frame) == "BTCUSDT|4h", "4h in the frame")
    frame.locator("#symbol").click()
    frame.get_by_role("option", name="ETHUSDT").click()
    until(lambda: _market(frame) == "ETHUSDT|4h", "ETHUSDT in the frame")
    assert _market(opened.page.main_frame) == "BTCUSDT|1m"
    opened.load()
    (again,) = _frames(opened, 1)
    assert _market(again) == "ETHUSDT|4h"
    assert _market(opened.page.main_frame) == "BTCUSDT|1m"
    assert "embed" not in opened.page.url


def test_overlays_and_theme_of_a_frame(opened):
    (frame,) = _charts(opened, 2)
    assert frame.locator(".side.left").is_hidden()
    frame.locator("#layouts-overlays").click()
    box = frame.get_by_role("checkbox", name="Supertrend")
    box.uncheck()
    lines = "(name) => document.querySelector('.js-plotly-plot').data.some((t) => t.name === name)"
    until(lambda: not frame.evaluate(lines, "Supertrend"), "off in the frame")
    assert opened.page.main_frame.evaluate(lines, "Supertrend")
    opened.page.locator("#theme-switch").click()
    frame.locator("html[data-theme=light]").wait_for()
