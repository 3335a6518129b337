"""
What the page costs the server, with ten tabs what each still gets, and what grows.

The server runs in this process while the main thread sleeps, so the process's CPU time is
the server's with the fake market that it serves: a little more than the server's alone.
A figure is refused when what it stands for did not happen: pushes that did not flow, bars
that were never drawn, tabs that were not told.
"""

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.chart import (
    ARGUMENTS,
    CHROMIUM,
    TICKS_PER_S,
    first_ticks,
    latencies_ms,
    open_page,
    p95,
    stamped,
    watch_ticks,
)
from core.model.intervals import Interval
from tests.ui.fakes import TICKS_PER_BAR, world
from tests.ui.serving import Served, served

TABS = 10
TICKS_PER_TAB = 40
CPU_S = 15.0
FLOWS = 0.9
"""Share of the pushes due that must have come for a figure to count."""
OPEN_MS = 60_000
"""Ten pages of one browser load on two cores."""
DEADLINE_S = 60.0
LOOK_S = 0.25
"""Between two looks at ten tabs: looking costs them time as well."""
MINUTE_S = 1.5
"""How long a market minute takes in the accelerated session."""
FROM_MINUTE, TO_MINUTE = 5, 30
_NEWEST = "window.dash_clientside.chart.candles().time.at(-1) ?? 0"
_SEEN = "window.dash_clientside.live.seen()"


class NotMeasuredError(Exception):
    """What was to be measured did not happen."""


def measure() -> dict[str, float]:
    """
    Return the figures of load; keys as in targets.json.

    Raises:
        NotMeasuredError: If the page was not served as it had to be.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        with served(world(), ticks_per_s=TICKS_PER_S) as server:
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            page.set_default_timeout(OPEN_MS)
            open_page(page, server)
            result = _cpu_share(page)
            result |= _growth(page, server)
            page.close()
        with served(world(), ticks_per_s=TICKS_PER_S) as server:
            context = browser.new_context(viewport={"width": 1600, "height": 1000})
            context.set_default_timeout(OPEN_MS)
            result["ten_tabs_tick_to_paint_p95_ms"] = _ten_tabs(context, server)
            context.close()
        browser.close()
    return {key: round(value, 3) for key, value in result.items()}


def _cpu_share(page: Page) -> dict[str, float]:
    time.sleep(3.0)  # what a page asks for when it is opened is no steady cost
    seen = page.evaluate(_SEEN)
    start_s, cpu_s = time.perf_counter(), time.process_time()
    time.sleep(CPU_S)
    elapsed_s = time.perf_counter() - start_s
    share = (time.process_time() - cpu_s) / elapsed_s
    pushes_per_s = (page.evaluate(_SEEN) - seen) / elapsed_s
    if pushes_per_s < FLOWS * TICKS_PER_S:
        raise NotMeasuredError(f"only {pushes_per_s:.2f} pushes a second came")
    return {"server_cpu_share_one_page": share, "pushes_per_s_one_page": pushes_per_s}


def _ten_tabs(context: BrowserContext, server: Served) -> float:
    """Return the p95 over the ticks of all tabs, which share a browser and these cores."""
    pages = [context.new_page() for _ in range(TABS)]
    for page in pages:
        open_page(page, server)
    received_ns = stamped(server.world)
    for page in pages:
        watch_ticks(page)
    _wait("ten tabs were not told", lambda: all(_ticks(page) >= TICKS_PER_TAB for page in pages))
    return p95([ms for page in pages for ms in latencies_ms(first_ticks(page), received_ns)])


def _ticks(page: Page) -> int:
    return int(page.evaluate("window.ticks.length"))


def _growth(page: Page, server: Served) -> dict[str, float]:
    """Close a bar each market minute; compare what is held after forced collection."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    _let_pass(page, server, FROM_MINUTE)
    heap, pss = _heap(session), _pss()
    _let_pass(page, server, TO_MINUTE - FROM_MINUTE)
    return {
        "browser_heap_growth": _heap(session) / heap - 1.0,
        "server_pss_growth": _pss() / pss - 1.0,
    }


def _heap(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize")


def _pss() -> float:
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _let_pass(page: Page, server: Served, minutes: int) -> None:
    for _ in range(minutes):
        server.call(lambda: server.world.market.step(TICKS_PER_BAR))
        time.sleep(MINUTE_S)
    series = server.world.store.series["BTCUSDT", Interval.M1]
    newest_ms = int(series.open_time_ms[-1])
    _wait("the bars were not drawn", lambda: int(page.evaluate(_NEWEST)) >= newest_ms)


def _wait(otherwise: str, condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end_s:
            raise NotMeasuredError(otherwise)
        time.sleep(LOOK_S)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
