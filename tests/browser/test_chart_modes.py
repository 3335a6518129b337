"""Kinds of chart, older candles, the saved picture and the replay, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.model.intervals import MINUTE_MS
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import NOON_MS, world
from tests.ui.serving import Served, served
from ui.chart_modes.feature import chart_modes_feature
from ui.day_replay.feature import day_replay_feature

pytestmark = pytest.mark.browser
META = "gd.layout.meta"
GUESS_MS = 3_000  # LONGEST_GUESS_MS of clock.js
STEP_TWICE = """() => {
  for (let i = 0; i < 2; i += 1) {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "." }));
  }
}"""
LEAVE = """async () => {
  const slider = document.getElementById("replay-slider");
  slider.value = 0;
  slider.dispatchEvent(new Event("input"));
  document.querySelector("[data-replay=leave]").click(); // before the slider has done anything
  await new Promise((done) => setTimeout(done, 120)); // SLIDE_MS: behind the slider's own timer
  return dash_clientside.look.now().until_ms;
}"""
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def page(browser) -> Iterator[tuple[Tab, Served]]:
    market = world()
    market.feed.label = "SIMULATED"
    features = (chart_modes_feature(market.services), day_replay_feature(market.services))
    with served(market, features=features) as server, tab(browser, server.url) as opened:
        yield opened.load(), server
        assert opened.complaints == []


def pressed(opened: Tab, mode: str) -> str | None:
    return opened.page.locator(f"[data-mode={mode}]").get_attribute("aria-pressed")


def test_prices_can_be_logarithmic_and_candles_averaged(page):
    opened, _ = page
    opened.page.keyboard.press("l")
    until(lambda: opened.plot("gd._fullLayout.yaxis.type") == "log", "a logarithmic axis")
    until(lambda: pressed(opened, "log") == "true", "its switch pressed")
    # Whatever moves is where Plotly's axis has the price.
    assert opened.plot("gd._fullLayout.yaxis.range.every((v) => v > 4.7 && v < 4.9)")
    label = "document.querySelector('.live-label').style.display"
    assert opened.plot(label) == ""
    opened.page.locator("[data-mode=heikin-ashi]").click()
    until(lambda: opened.plot(f"{META}.real !== null"), "averaged candles")
    until(lambda: "Heikin-Ashi" in opened.text("#readout"), "the word for them")
    trace = "gd.data.find((t) => t.type === 'candlestick')"
    assert opened.plot(f"{trace}.open.at(-1) !== {META}.real.open.at(-1)")
    until(lambda: opened.plot("document.querySelector('.live-label-text').textContent.length > 3"),
          "the real last price")  # fmt: skip


def test_panning_left_loads_older_candles_where_the_viewer_looks(page):
    opened, _ = page
    box = opened.page.locator("#price-chart").bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)

    def drag() -> None:
        opened.page.mouse.move(middle[0] - 350, middle[1])
        opened.page.mouse.down()
        opened.page.mouse.move(middle[0] + 350, middle[1], steps=3)
        opened.page.mouse.up()

    first = "gd._fullLayout.xaxis.r2l(gd._fullLayout.xaxis.range[0])"
    oldest_ms = NOON_MS - 900 * MINUTE_MS
    while opened.plot(first) > oldest_ms:
        before = opened.range()
        drag()
        until(lambda before=before: opened.range() != before, "another place")
        looked_at = opened.range()
        if opened.plot(f"{first} < gd.data[0].x[0]"):  # beyond what was drawn at first
            until(lambda: opened.plot(f"{META}.bars") == 900, "all candles that are stored")
            assert opened.range() == looked_at
    assert opened.plot(f"{META}.look.bars") == 1000
    until(lambda: "no older candles" in opened.text("#modes-older"), "why there are no more")


def test_the_picture_has_all_layers_and_a_name_that_tells_what_it_is(page):
    opened, server = page
    server.ticks_per_s = 0.0
    with opened.page.expect_download() as download:
        opened.page.locator("#modes-save").click()
    told_ms = server.world.feed.time_ms or 0
    ends_ms = (told_ms, told_ms + GUESS_MS)  # the minute may be over between the last tick and now
    minutes = {f"{datetime.fromtimestamp(ms / 1000, UTC):%Y%m%d-%H%M}" for ms in ends_ms}
    assert download.value.suggested_filename in {f"BTCUSDT-1m-{minute}.png" for minute in minutes}
    saved = download.value.path().read_bytes()
    assert saved.startswith(PNG)
    assert len(saved) > 20_000


def test_a_stored_day_is_replayed_candle_by_candle_and_left(page):
    opened, server = page
    last = "gd.data.find((t) => t.type === 'candlestick').x.at(-1)"
    opened.page.keyboard.press("r")
    opened.page.locator("#replay-day").fill("2025-06-15")
    opened.page.locator("#replay-clock").fill("09:00")
    opened.page.locator("#replay-start:enabled").click()
    nine_ms = NOON_MS - 180 * MINUTE_MS
    until(lambda: opened.plot(last) == nine_ms - MINUTE_MS, "the chart of nine o'clock")
    assert opened.text("#replay-time") == "2025-06-15 09:00 UTC"
    opened.page.keyboard.press(".")
    until(lambda: opened.plot(last) == nine_ms, "one candle more")
    opened.page.evaluate(STEP_TWICE)  # the second before the page has seen to the first
    until(lambda: opened.plot(last) == nine_ms + 2 * MINUTE_MS, "two more")
    price = opened.text("#last-price-value")
    until(lambda: opened.text("#last-price-value") != price, "the market goes on elsewhere")
    assert (server.world.feed.time_ms or 0) >= NOON_MS
    moving = "[...document.querySelectorAll('.live-up, .live-down, .live-line')]"
    assert opened.plot(f"{moving}.every((path) => !path.getAttribute('d'))")
    assert opened.page.evaluate(LEAVE) is None
    until(lambda: opened.plot(last) >= NOON_MS - MINUTE_MS, "the market as it is now")
    until(lambda: opened.plot(f"{moving}.some((path) => path.getAttribute('d'))"), "it moves")
