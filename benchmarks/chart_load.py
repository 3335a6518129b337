"""
What the page costs the server, with ten tabs what each still gets, and what grows.

The server runs in this process while the main thread sleeps, so the process's CPU time is
the server's with the fake market that it serves: a little more than the server's alone.
"""

import gc
import json
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.chart import (
    ARGUMENTS,
    CHROMIUM,
    TICKS_PER_S,
    first_ticks,
    latencies_ms,
    open_page,
    p95,
    stamped,
    until,
    watch_ticks,
)
from tests.ui.fakes import TICKS_PER_BAR, world
from tests.ui.serving import Served, served

TABS = 10
TICKS_PER_TAB = 40
CPU_S = 15.0
OPEN_MS = 120_000
"""Ten pages of one browser load side by side on two cores."""
MINUTE_S = 1.5
"""How long a market minute takes in the accelerated session."""
FROM_MINUTE, TO_MINUTE = 5, 30


def measure() -> dict[str, float]:
    """Return the figures of load; keys as in targets.json."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        with served(world(), ticks_per_s=TICKS_PER_S) as server:
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            open_page(page, server)
            result = {"server_cpu_share_one_page": _cpu_share()}
            result |= _growth(page, server)
            page.close()
        with served(world(), ticks_per_s=TICKS_PER_S) as server:
            context = browser.new_context(viewport={"width": 1600, "height": 1000})
            context.set_default_timeout(OPEN_MS)
            pages = [context.new_page() for _ in range(TABS)]
            result["ten_tabs_tick_to_paint_p95_ms"] = _ten_tabs(pages, server)
            context.close()
        browser.close()
    return {key: round(value, 3) for key, value in result.items()}


def _cpu_share() -> float:
    time.sleep(3.0)  # what a page asks for when it is opened is no steady cost
    start_s, cpu_s = time.perf_counter(), time.process_time()
    time.sleep(CPU_S)
    return (time.process_time() - cpu_s) / (time.perf_counter() - start_s)


def _ten_tabs(pages: list[Page], server: Served) -> float:
    """Return the p95 over the ticks of all tabs, which share a browser and these cores."""
    for page in pages:
        open_page(page, server)
    received_ns = stamped(server.world)
    for page in pages:
        watch_ticks(page)
    until(lambda: all(page.evaluate("window.ticks.length") >= TICKS_PER_TAB for page in pages))
    return p95([ms for page in pages for ms in latencies_ms(first_ticks(page), received_ns)])


def _growth(page: Page, server: Served) -> dict[str, float]:
    """Close a bar each market minute; compare what is held after forced collection."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def heap() -> float:
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")

    def pss() -> float:
        gc.collect()
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("Pss:"))

    _let_pass(server, FROM_MINUTE)
    heap_before, pss_before = heap(), pss()
    _let_pass(server, TO_MINUTE - FROM_MINUTE)
    return {
        "browser_heap_growth": heap() / heap_before - 1.0,
        "server_pss_growth": pss() / pss_before - 1.0,
    }


def _let_pass(server: Served, minutes: int) -> None:
    for _ in range(minutes):
        server.call(lambda: server.world.market.step(TICKS_PER_BAR))
        time.sleep(MINUTE_S)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
