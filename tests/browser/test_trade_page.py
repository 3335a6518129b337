"""The page in a real browser, on a market that moves."""

import http.client
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from core.data.sockets.health import StreamState
from core.model.candles import CandleSeries
from core.model.engine_state import EngineActivity, EngineState
from core.model.gap import Gap
from core.model.intervals import Interval
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import TICKS_PER_BAR, FakeFeedStatus, signal, stream, world
from tests.ui.serving import DEADLINE_S, Served, served

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser) -> Iterator[tuple[Tab, Served]]:
    market = world()
    market.journal.signals = (signal(1),)
    with served(market) as server, tab(browser, server.url) as opened:
        yield opened.load(), server
        assert opened.complaints == []


def test_the_page_is_there_and_moves(page):
    opened, server = page
    assert opened.page.title() == "DeepSeek Trading Dashboard"
    prices, candles = {opened.text("#last-price-value")}, set()
    until(lambda: prices.add(opened.text("#last-price-value")) or len(prices) > 2, "prices")

    def shapes():
        parts = opened.page.locator(".live-up, .live-down").all()
        candles.add("".join(part.get_attribute("d") or "" for part in parts))
        return len(candles) > 2

    until(shapes, "running candles")
    assert opened.text("#countdown").startswith("0:")
    assert opened.hosts == {f"127.0.0.1:{server.port}"}


def test_what_is_pushed_again_and_again_never_reaches_the_renderer(page):
    opened, server = page
    parts = ["engine-state", "regime", "telemetry-card"]
    written = "(ids) => ids.every((id) => document.getElementById(id).pushed)"
    opened.page.wait_for_function(written, arg=parts)
    opened.page.get_by_role("button", name="Dark or light theme").click()
    server.world.engine.now = EngineState(EngineActivity.STOPPED, "gone")
    opened.page.locator("#notices").get_by_text("The engine is stopped").wait_for()
    opened.page.locator("#engine-state").get_by_text("stopped", exact=True).wait_for()
    assert opened.page.locator("#regime .headline").count() == 1


def test_a_closing_bar_is_handed_over_from_the_layer_to_the_chart(page):
    opened, server = page
    bars = "gd.data.find((t) => t.type === 'candlestick').x.at(-1)"
    before = opened.plot(bars)
    server.call(lambda: server.world.market.step(TICKS_PER_BAR))
    until(lambda: opened.plot(bars) >= before + 60_000, "the closed bar in the figure")


def test_ticks_and_figures_go_past_dashs_renderer_to_their_scripts(page):
    opened, server = page
    number = "gd._fullLayout.meta.number"
    before = opened.plot(number)
    server.call(lambda: server.world.market.step(TICKS_PER_BAR))
    until(lambda: opened.plot(number) > before, "a pushed figure")
    held = "(id) => window.dash_component_api.getLayout(id).props.data ?? null"
    assert [opened.page.evaluate(held, store) for store in ("live", "pushed")] == [None, None]


def test_the_settled_figure_is_the_one_a_reload_shows(page):
    opened, server = page
    server.ticks_per_s = 0.0
    feed, store = server.world.feed, server.world.store
    until(lambda: {asked[:2] for asked in feed.asked} <= set(store.series), "all that was asked")
    number = "gd._fullLayout.meta.number"
    before = opened.plot(number)
    server.call(lambda: server.world.market.step(2 * TICKS_PER_BAR))
    until(lambda: opened.plot(number) > before, "the closed bars")
    newest = int(server.world.store.series["BTCUSDT", Interval.M1].open_time_ms[-1])
    candles = "gd.data.find((t) => t.type === 'candlestick').x.at(-1)"
    until(lambda: opened.plot(candles) == newest, "the newest closed bar")
    traces = "JSON.stringify(gd.data.map((t) => [t.name, t.x, t.x0, t.y, t.z, t.open, t.close]))"
    seen = opened.plot(traces)
    opened.page.goto(opened.url)
    until(lambda: opened.plot(f"gd?.data?.length ? {candles} : 0") == newest, "the page again")
    until(lambda: opened.plot(traces) == seen, "the same figure")


def test_timeframes_symbols_and_overlays_can_be_chosen(page):
    opened, _ = page
    shown = "gd._fullLayout.meta.market"
    opened.page.locator("#interval").get_by_text("15m", exact=True).click()
    until(lambda: opened.plot(shown) == "BTCUSDT|15m", "15m")
    before = opened.text("#last-price-value")
    opened.page.locator("#symbol").click()
    opened.page.get_by_role("option", name="ETHUSDT").click()
    until(lambda: opened.plot(shown) == "ETHUSDT|15m", "ETHUSDT")
    until(lambda: opened.text("#last-price-value") != before, "price of the other symbol")

    lines = "gd.data.filter((t) => t.name === 'Supertrend').length"
    until(lambda: opened.plot(lines) == 2, "Supertrend")
    box = opened.page.get_by_role("checkbox", name="Supertrend")
    box.uncheck()
    until(lambda: opened.plot(lines) == 0, "Supertrend gone")
    box.check()
    until(lambda: opened.plot(lines) == 2, "Supertrend back")


def test_choices_are_remembered_by_the_browser(page):
    opened, _ = page
    opened.page.locator("#interval").get_by_text("5m", exact=True).click()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "BTCUSDT|5m", "5m")
    opened.load()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "BTCUSDT|5m", "5m after reload")


def test_zoom_survives_ticks_and_closing_bars(page):
    opened, server = page
    chart = opened.page.locator("#price-chart")
    chart.hover(position={"x": 300, "y": 200})
    home = opened.range()
    heard = "'xaxis.range[0]' in e"
    opened.plot(f"void gd.on('plotly_relayout', (e) => {{ gd.told = gd.told || {heard}; }})")
    opened.page.mouse.wheel(0, -400)
    until(lambda: opened.range() != home, "zoomed by wheel")
    until(lambda: opened.plot("gd.told === true"), "the wheel's own debounce is over")
    zoomed = opened.range()
    before = opened.plot("gd._fullLayout.meta.number")
    server.call(lambda: server.world.market.step(TICKS_PER_BAR))
    until(lambda: opened.plot("gd._fullLayout.meta.number") > before, "a new figure")
    assert opened.range() == zoomed
    server.ticks_per_s = 0.0  # or a redraw between them makes two clicks of a double one
    opened.page.evaluate("() => new Promise((done) => requestIdleCallback(() => done()))")
    chart.dblclick(position={"x": 300, "y": 200})
    until(lambda: opened.range()[1] >= home[1], "home again")


def test_the_newest_bars_stay_in_sight_while_nobody_zooms(page):
    opened, server = page
    home = opened.range()
    server.call(lambda: server.world.market.step(3 * TICKS_PER_BAR))
    until(lambda: opened.range()[1] > home[1], "moved on")


def test_a_symbol_that_is_settled_while_it_is_shown_is_said_to_be(page):
    opened, server = page
    server.world.feed.followed = ("ETHUSDT", "SOLUSDT")
    opened.page.get_by_text("BTCUSDT is not followed").first.wait_for()
    opened.page.locator("#symbol").click()
    opened.page.get_by_role("option", name="ETHUSDT").click()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "ETHUSDT|1m", "ETHUSDT")
    until(lambda: not opened.page.locator("#connection").is_visible(), "no complaint any more")
    refused = "the server responded with a status of 400"  # leases until another was chosen
    assert [said for said in opened.complaints if refused not in said] == []
    opened.complaints.clear()


def test_a_remembered_symbol_that_is_gone_gives_way_to_the_first(page):
    opened, server = page
    opened.page.locator("#symbol").click()
    opened.page.get_by_role("option", name="SOLUSDT").click()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "SOLUSDT|1m", "SOLUSDT")
    opened.away()  # or its next lease would be refused
    server.world.feed.followed = ("ETHUSDT", "BTCUSDT")
    opened.load()
    until(lambda: opened.plot("gd._fullLayout.meta.market") == "ETHUSDT|1m", "ETHUSDT")


def test_a_page_without_symbols_loads_itself_again(browser):
    market = world()
    market.feed.followed = ()
    settings = market.services.settings.model_copy(update={"symbols": ()})
    market = replace(market, services=replace(market.services, settings=settings))
    with served(market) as server, tab(browser, server.url) as opened:
        opened.page.goto(server.url)
        opened.page.get_by_text("which symbols there are").wait_for()
        market.feed.followed = ("ETHUSDT", "BTCUSDT")
        opened.page.locator("#feed-state.good").wait_for()


def test_a_price_out_of_sight_widens_the_axis(page):
    opened, server = page

    def leap() -> None:
        store = server.world.store
        while (candle := store.running("BTCUSDT", Interval.M1)) is None:  # one has just closed
            server.world.market.step()
        high = candle.close * 1.1
        store.moving["BTCUSDT", Interval.M1] = structs.replace(candle, high=high, close=high)

    server.call(leap)
    until(
        lambda: (
            opened.plot("gd._fullLayout.yaxis.range[1]")
            > 1.02
            * float(opened.plot("Math.max(...gd.data.find((t) => t.type === 'candlestick').high)"))
        ),
        "a wider axis",
    )


def test_signals_are_in_the_table_and_on_the_chart(page):
    opened, server = page
    grid = opened.page.locator("#signals")
    grid.get_by_role("gridcell", name="LONG").first.wait_for()
    marks = "gd.data.find((t) => t.name === 'Signals LONG')?.x.length"
    until(lambda: opened.plot(marks) == 1, "the first mark")
    server.world.journal.signals = (signal(2), signal(1))
    until(lambda: grid.get_by_role("gridcell", name="LONG").count() == 2, "the second signal")
    until(lambda: opened.plot(marks) == 2, "the second mark")


def test_a_stopped_engine_and_a_silent_feed_are_said(page):
    opened, server = page
    engine = server.world.engine
    engine.now = replace(engine.now, activity=EngineActivity.STOPPED)
    opened.page.get_by_text("The engine is stopped").wait_for()
    server.ticks_per_s = 0.0
    server.world.feed.now = FakeFeedStatus("silent", 12.0, "No frame for 12 s")
    opened.page.locator("#chart-box.stale").wait_for()
    opened.page.locator("#stale-words", has_text="Feed silent").wait_for()


def test_candles_that_the_exchange_lacks_are_hatched_and_say_so(page):
    opened, server = page
    times = server.world.store.series["BTCUSDT", Interval.M1].open_time_ms
    first_ms, last_ms = int(times[-12]), int(times[-10])

    def lose() -> None:
        market = server.world
        kept = [
            candle
            for candle in market.store.series["BTCUSDT", Interval.M1]
            if not first_ms <= candle.open_time_ms <= last_ms
        ]
        series = CandleSeries.from_candles("BTCUSDT", Interval.M1, kept)
        market.store.series["BTCUSDT", Interval.M1] = series
        market.feed.absent = {"BTCUSDT": (Gap(first_ms, last_ms),)}

    server.call(lose)
    bars = opened.page.locator(".xy3 .barlayer path")
    bars.first.wait_for(state="attached")
    assert "url(" in str(bars.first.evaluate("node => getComputedStyle(node).fill"))

    def hovered() -> bool:  # a figure that is drawn meanwhile takes the label away
        box = bars.first.bounding_box()
        assert box is not None
        assert box["width"] > 15
        opened.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
        opened.page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + 70)
        return opened.page.locator(".hoverlayer").get_by_text("the exchange has none").is_visible()

    until(hovered, "the reason beside the pointer")


def test_a_silent_stream_is_named_with_its_reason(page):
    opened, server = page
    why = "subscribed, acknowledged, zero messages for 9 s (check exchange.ws_url)"
    server.world.feed.healths = [
        stream("btcusdt@kline_1m", state=StreamState.SILENT, age_s=None, detail=why),
        stream("btcusdt@aggTrade"),
        stream("ethusdt@kline_1m"),
    ]
    opened.page.get_by_role("link", name="System").click()
    table = opened.page.locator("#feed-streams")
    table.get_by_text(f"btcusdt@kline_1m: {why}").wait_for()
    rows = {row.split("\t")[0]: row for row in table.locator("tr").all_inner_texts()}
    assert "SILENT" in rows["candles 1m"]
    assert "LIVE" in rows["trades"]
    assert "All streams: 2 live, 1 silent" in table.inner_text()
    assert "ethusdt" not in table.inner_text()


def test_a_full_disk_is_said_across_the_page(page):
    opened, server = page
    server.world.store.alarm = "No space left on device"
    opened.page.locator("#notices").get_by_text("No space left on device").wait_for()
    opened.page.get_by_role("link", name="System").click()
    opened.page.locator("#cache-card .alarm").get_by_text("No space left on device").wait_for()


def test_text_from_outside_never_becomes_markup(page):
    opened, server = page
    evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    server.world.journal.signals = (signal(9, reasons=(evil,)),)
    server.world.engine.now = replace(server.world.engine.now, analyst=evil)
    opened.page.locator("#engine-state").get_by_text("<img src=x").wait_for()
    opened.page.locator("#signals").get_by_text("<script>").wait_for()
    assert opened.page.title() == "DeepSeek Trading Dashboard"
    assert opened.page.locator("img[src=x]").count() == 0


def test_nothing_known_yet_is_a_skeleton_that_fills_by_itself(browser):
    market = world()
    histories = dict(market.store.series)
    market.store.series.clear()
    market.feed.histories.clear()
    market.feed.now = FakeFeedStatus("backfilling", None, "Fetching BTCUSDT 1m")
    with served(market, ticks_per_s=0.0) as server, tab(browser, server.url) as opened:
        opened.page.goto(server.url)
        opened.page.locator("#chart-note").get_by_text("Waiting for the first candles").wait_for()
        opened.page.get_by_role("grid").get_by_text("No signals yet").wait_for()

        def arrive() -> None:
            market.store.series.update(histories)
            market.feed.now = FakeFeedStatus()

        server.call(arrive)
        opened.page.locator("#chart-note").wait_for(state="hidden")
        assert opened.complaints == []


def test_a_simulated_market_is_marked(browser):
    market = world()
    market.feed.label = "SIMULATED"
    with served(market) as server, tab(browser, server.url) as opened:
        opened.load()
        opened.page.locator("#market-label", has_text="SIMULATED").wait_for()
        assert opened.text(".watermark") == "SIMULATED"
        assert opened.text("#market-label") == "SIMULATED"


def test_twenty_reloads_beside_an_open_tab_leave_one_loop_per_tab(browser):
    with served(world()) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        with tab(context, server.url) as still, tab(context, server.url) as busy:
            still.load()
            for _ in range(20):
                busy.load()
            until(lambda: _health(server)["pages"] == 2, "one loop per tab", 2.0 * DEADLINE_S)
            seen = "dash_clientside.live.seen()"
            before = still.page.evaluate(seen)
            until(lambda: still.page.evaluate(seen) > before, "the first tab still lives")
            assert still.complaints == []
        context.close()


def test_a_page_comes_back_by_itself_when_the_server_does(browser):
    with served(world()) as server, tab(browser, server.url) as opened:
        opened.load()
        opened.page.locator("#interval").get_by_text("5m", exact=True).click()
        until(lambda: opened.plot("gd._fullLayout.meta.market") == "BTCUSDT|5m", "5m")
        server.stop()
        opened.page.locator("#connection:visible").wait_for()
        opened.page.locator("#feed-state").get_by_text("UNKNOWN").wait_for()
        server.start()
        opened.page.locator("#connection").wait_for(state="hidden")
        before = opened.text("#last-price-value")
        until(lambda: opened.text("#last-price-value") != before, "moving again")
        until(lambda: opened.plot("gd?._fullLayout?.meta.market") == "BTCUSDT|5m", "5m as before")


def test_foreign_hosts_and_origins_are_refused():
    with served(world()) as server:
        own, foreign = server.url.rstrip("/"), "http://evil.example"
        assert _status(server, "/") == 200
        assert _status(server, "/", Host="evil.example") == 403
        assert _status(server, "/live/lease", b"{}", Origin=foreign) == 403
        assert _status(server, "/live/lease", b"{}", Origin=own) == 422
        handshake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        assert _status(server, "/_dash-ws-callback", Origin=own, **handshake) == 101
        assert _status(server, "/_dash-ws-callback", Origin=foreign, **handshake) == 403
        assert _status(server, "/_dash-ws-callback", **handshake) == 403


def _status(server: Served, path: str, body: bytes | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named["Content-Type"] = "application/json"
    connection.request("GET" if body is None else "POST", path, body, named)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def _health(server: Served) -> dict[str, object]:
    with urllib.request.urlopen(f"{server.url}health", timeout=DEADLINE_S) as answer:
        found = json.load(answer)
    assert isinstance(found, dict)
    return found
