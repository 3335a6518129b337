"""
How fast the chart follows the market, in headless Chromium on the real page.

A tick is stamped where the feed announces it; the page's receiver is wrapped so that the
first moment after the next frame was painted is stamped as well, by the same machine's
clock. 500 candles with every overlay, four ticks a second.
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from core.model.candles import CandleUpdate
from tests.ui.fakes import TICKS_PER_BAR, World, world
from tests.ui.serving import Served, served

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TICKS = 120
TICKS_PER_S = 4.0
REPEATS = 12
DEADLINE_S = 30.0
# After requestAnimationFrame comes the paint; a message posted there arrives after it.
_WRAP = """() => {
  const own = window.dash_clientside.live, original = own.receive;
  window.ticks = [];
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const tick of waiting.splice(0)) { window.ticks.push({ ...tick, painted_ms: at }); }
  };
  own.receive = (payload) => {
    const from = performance.now();
    original(payload);
    waiting.push({ market_ms: payload.market_ms, main_ms: performance.now() - from });
    requestAnimationFrame(() => channel.port2.postMessage(0));
  };
}"""
_GD = "document.querySelector('#price-chart .js-plotly-plot')"
_NOTE_DRAWS = """() => {
  window.draws = [];
  document.addEventListener("chart:drawn", () => {
    const gd = document.querySelector("#price-chart .js-plotly-plot");
    const { market, number } = gd._fullLayout.meta;
    const lines = gd.data.filter((trace) => trace.name === "Supertrend").length;
    window.draws.push({ at_ms: performance.timeOrigin + performance.now(), market, number, lines });
  });
}"""
_PRESS = """(button) => {
  const at_ms = performance.timeOrigin + performance.now();
  button.click();
  return at_ms;
}"""
_BETWEEN_BARS_S = 1.0  # figures are kept half a second apart, and no market closes bars faster
_POLL_S = 0.05
"""The page stamps what is measured; looking often would be part of the measurement."""


def measure() -> dict[str, float]:
    """Return the chart's figures; keys as in targets.json."""
    with served(world(), ticks_per_s=TICKS_PER_S) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        open_page(page, server)  # fills Chromium's cache, as any second visit finds it
        first_ms = [open_page(page, server) for _ in range(3)]
        result = {"first_chart_ms": statistics.median(first_ms)}
        result |= _ticks(page, server)
        page.evaluate(_NOTE_DRAWS)
        result["bar_close_redraw_p95_ms"] = p95([_bar_close(page, server) for _ in range(REPEATS)])
        result["toggle_p95_ms"] = p95([_toggle(page) for _ in range(REPEATS)])
        switches = ("5m", "1m") * (REPEATS // 2)
        for interval in switches[:2]:  # warm
            _switch(page, interval)
        result["interval_switch_p95_ms"] = p95([_switch(page, i) for i in switches])
        browser.close()
    return {key: round(value, 2) for key, value in result.items()}


def open_page(page: Page, server: Served) -> float:
    """Load the page; return the milliseconds until its chart is live."""
    start_s = time.perf_counter()
    page.goto(server.url)
    page.locator(".live-label-text:not(:empty)").wait_for(state="attached")
    return (time.perf_counter() - start_s) * 1000.0


def _ticks(page: Page, server: Served) -> dict[str, float]:
    received_ns = stamped(server.world)
    watch_ticks(page)
    until(lambda: page.evaluate("window.ticks.length") >= TICKS, 10 * _POLL_S)
    first = first_ticks(page)
    latencies = latencies_ms(first, received_ns)
    return {
        "tick_to_paint_p95_ms": p95(latencies),
        "tick_to_paint_median_ms": statistics.median(latencies),
        "live_update_main_ms": statistics.median(tick["main_ms"] for tick in first.values()),
    }


def watch_ticks(page: Page) -> None:
    """Let the page note in ``window.ticks`` when each tick was painted."""
    page.evaluate(_WRAP)


def first_ticks(page: Page) -> dict[int, dict[str, Any]]:
    """When each tick was first painted, by its exchange time; a beat repeats the newest."""
    first: dict[int, dict[str, Any]] = {}
    for tick in page.evaluate("window.ticks"):
        first.setdefault(tick["market_ms"], tick)
    return first


def latencies_ms(first: dict[int, dict[str, Any]], received_ns: dict[int, int]) -> list[float]:
    """From the announcement of each tick to its paint."""
    return [
        tick["painted_ms"] - received_ns[at] / 1e6
        for at, tick in first.items()
        if at in received_ns
    ]


def stamped(market: World) -> dict[int, int]:
    """When each tick of the shown symbol was announced, by its exchange time."""
    received_ns: dict[int, int] = {}

    def stamp(update: CandleUpdate) -> None:
        if update.symbol == "BTCUSDT":
            received_ns[update.event_time_ms] = time.time_ns()

    market.feed.listen(stamp)
    return received_ns


def _bar_close(page: Page, server: Served) -> float:
    """From the close of a bar to the figure that holds it."""
    time.sleep(_BETWEEN_BARS_S)
    number = page.evaluate(f"{_GD}._fullLayout.meta.number")
    server.call(lambda: server.world.market.step(TICKS_PER_BAR))
    closed_ms = time.time_ns() / 1e6
    return _drawn_ms(page, f"draw.number > {number}") - closed_ms


def _toggle(page: Page) -> float:
    lines = page.evaluate(f"{_GD}.data.filter((t) => t.name === 'Supertrend').length")
    pressed_ms = page.get_by_role("checkbox", name="Supertrend").evaluate(_PRESS)
    return _drawn_ms(page, f"draw.lines !== {lines}") - pressed_ms


def _switch(page: Page, interval: str) -> float:
    pressed_ms = page.locator(f"#interval input[value='{interval}']").evaluate(_PRESS)
    return _drawn_ms(page, f"draw.market === 'BTCUSDT|{interval}'") - pressed_ms


def _drawn_ms(page: Page, wanted: str) -> float:
    """When the first draw that fits was finished."""
    find = f"(window.draws.find((draw) => {wanted}) ?? {{}}).at_ms"
    until(lambda: page.evaluate(find) is not None, _POLL_S)
    at_ms = page.evaluate(find)
    page.evaluate("window.draws = []")
    return float(at_ms)


def until(condition: Callable[[], bool], every_s: float = 0.002) -> None:
    """Poll for what no locator can see."""
    end_s = time.monotonic() + DEADLINE_S + TICKS / TICKS_PER_S
    while not condition():
        if time.monotonic() > end_s:
            raise TimeoutError("the page did not follow")
        time.sleep(every_s)


def p95(values: list[float]) -> float:
    """Return the value that one in twenty exceeds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
