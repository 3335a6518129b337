import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from core.model.gap import Gap
from core.model.intervals import Interval
from tests.ui.fakes import TICKS_PER_BAR, FakeFeedStatus, signal, world
from ui import ids
from ui.live_service import LiveService
from ui.pages import LEASE_S
from ui.status_pushes import STATUS_EVERY_S
from ui.view import ViewError

DEADLINE_S = 60.0
BTC = ("BTCUSDT", "1m", ["supertrend"])
ETH = ("ETHUSDT", "1m", [])


def parsed(text):
    """The figure in what is sent of it, with its number where the page's script puts it."""
    told = json.loads(text)
    told["figure"]["layout"]["meta"] |= {"server": told["server"], "number": told["number"]}
    return told["figure"]


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


class Outlet:
    """A browser tab that keeps everything it is sent."""

    def __init__(self):
        self.is_shutdown = False
        self.sent = []

    def set_prop_sync(self, component_id, prop_name, value):
        told = parsed(value) if component_id == ids.PUSHED else value
        self.sent.append((component_id, prop_name, told))

    def of(self, component_id):
        return [value for component, _, value in self.sent if component == component_id]


class Desk:
    """A service with a market, a clock, and pages that are being served."""

    def __init__(self):
        self.clock = Clock()
        self.world = world(monotonic=self.clock, pushes_per_s=10.0)
        self.live = LiveService(
            self.world.services, beat_s=0.05, after_tick_s=0.0, sleep=self._sleep
        )

    async def _sleep(self, seconds):
        self.clock.now_s += seconds
        await asyncio.sleep(0)

    @asynccontextmanager
    async def page(self, name="p", view=BTC, outlet=None):
        outlet = outlet or Outlet()
        loop = asyncio.create_task(self.live.push(name, *view, outlet))
        try:
            yield outlet
        finally:
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)
            await self.live.close()

    async def tick(self, ticks=1):
        self.world.market.step(ticks)
        await asyncio.sleep(0)


async def until(condition):
    async with asyncio.timeout(DEADLINE_S):
        while not condition():
            await asyncio.sleep(0.002)


def run(scenario):
    return asyncio.run(scenario)


def test_a_tick_is_pushed_with_the_running_candle():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            await desk.tick()
            await until(lambda: tab.of(ids.LIVE)[-1]["candle"])
            payload = tab.of(ids.LIVE)[-1]
            candle = desk.world.store.running("BTCUSDT", Interval.M1)
            assert payload["market"] == "BTCUSDT|1m"
            assert payload["candle"][4] == candle.close
            assert payload["market_ms"] == desk.world.feed.time_ms
            assert payload["feed"]["live"]

    run(scenario())


def test_what_the_running_candle_adds_to_an_overlay_is_pushed_and_no_figure_knows_it():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            await desk.tick()
            await until(lambda: tab.of(ids.LIVE)[-1]["candle"])
            await until_told(desk, tab)
            (overlay, _, _, _, _, to_bar), *_ = tab.of(ids.LIVE)[-1]["tails"]
            running = desk.world.store.running("BTCUSDT", Interval.M1)
            assert (overlay, to_bar[0]) == ("supertrend", running.open_time_ms)
            drawn = [t for t in tab.of(ids.PUSHED)[-1]["data"] if t["name"] == "Supertrend"]
            newest = tab.of(ids.PUSHED)[-1]["data"][1]["x"][-1]
            assert newest < running.open_time_ms
            assert drawn[0]["x0"] + (len(drawn[0]["y"]) - 1) * drawn[0]["dx"] == newest

    async def until_told(desk, tab):
        async with asyncio.timeout(DEADLINE_S):
            while not tab.of(ids.LIVE)[-1]["tails"]:
                await desk.tick()
                await asyncio.sleep(0.01)

    run(scenario())


def test_a_closed_bar_brings_a_new_figure_and_a_mere_tick_none():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED) and tab.of(ids.SIGNALS))
            await desk.tick(3)
            await until(lambda: tab.of(ids.LIVE)[-1]["candle"])
            assert len(tab.of(ids.PUSHED)) == 1
            await desk.tick(TICKS_PER_BAR - 3)
            await until(lambda: len(tab.of(ids.PUSHED)) == 2)
            before, after = (figure["data"][1]["x"] for figure in tab.of(ids.PUSHED))
            assert after[-1] == before[-1] + Interval.M1.duration_ms

    run(scenario())


def test_a_closed_bar_does_not_wait_for_its_turn_and_many_in_a_row_do():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            desk.clock.now_s += 3.0
            for _ in range(8):  # use up what may follow at once
                await desk.tick()
                await asyncio.sleep(0.004)
            before_s = desk.clock.now_s
            await desk.tick(TICKS_PER_BAR)
            await until(lambda: len(tab.of(ids.PUSHED)) == 2)
            assert desk.clock.now_s - before_s < 0.05
            before_s = desk.clock.now_s
            for closed in range(3, 13):
                await desk.tick(TICKS_PER_BAR)
                await until(lambda closed=closed: len(tab.of(ids.PUSHED)) == closed)
            assert desk.clock.now_s - before_s > 0.5

    run(scenario())


def test_a_gap_the_exchange_confirms_is_hatched_without_waiting_for_a_candle():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            newest = int(desk.world.store.series["BTCUSDT", Interval.M1].open_time_ms[-1])
            desk.world.feed.absent = {"BTCUSDT": (Gap(newest - 120_000, newest - 60_000),)}
            desk.clock.now_s += 3.0
            await desk.tick()
            await until(lambda: len(tab.of(ids.PUSHED)) == 2)
            names = [trace["name"] for trace in tab.of(ids.PUSHED)[-1]["data"]]
            assert "Missing candles" in names

    run(scenario())


def test_a_page_is_told_of_the_streams_of_the_symbol_it_turns_to_at_once():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: desk.live.pages.known("p"))
            page = desk.live.pages.known("p")
            page.show(page.view, frozenset({"feed", "cache"}))
            await until(lambda: tab.of(ids.FEED_STREAMS))
            assert "BTCUSDT" in str(tab.of(ids.FEED_STREAMS)[-1])
            await desk.live.show("p", *ETH)
            await desk.tick()
            await until(lambda: "ETHUSDT" in str(tab.of(ids.FEED_STREAMS)[-1]))
            assert "ETHUSDT" in str(tab.of(ids.CACHE_CARD)[-1])

    run(scenario())


def test_the_push_tells_how_the_shown_symbol_is():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.ENGINE))
            await desk.tick()
            await until(lambda: tab.of(ids.LIVE)[-1]["shown"]["age_s"] is not None)
            assert tab.of(ids.LIVE)[-1]["shown"]["live"]
            desk.world.feed.now = FakeFeedStatus("silent", 12.0, "no data for 12 s")
            await desk.tick()
            await until(lambda: not tab.of(ids.LIVE)[-1]["shown"]["live"])
            assert tab.of(ids.LIVE)[-1]["shown"]["state"] == "SILENT"

    run(scenario())


def test_a_change_of_view_changes_what_the_same_loop_pushes():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            figure = parsed(await desk.live.show("p", *ETH))
            assert figure["layout"]["meta"]["market"] == "ETHUSDT|1m"
            await desk.tick()
            await until(lambda: tab.of(ids.LIVE)[-1]["market"] == "ETHUSDT|1m")
            count = len(tab.of(ids.LIVE))
            await desk.tick(5)
            await until(lambda: len(tab.of(ids.LIVE)) > count)
            assert {p["market"] for p in tab.of(ids.LIVE)[count:]} == {"ETHUSDT|1m"}
            assert desk.live.pages.live == 1

    run(scenario())


def test_a_history_nobody_has_is_fetched_and_then_drawn():
    async def scenario():
        desk = Desk()
        async with desk.page(view=("BTCUSDT", "1d", [])) as tab:
            await until(
                lambda: tab.of(ids.PUSHED) and tab.of(ids.PUSHED)[-1]["layout"]["meta"]["bars"]
            )

    run(scenario())


def test_a_history_that_cannot_be_fetched_is_said():
    async def scenario():
        desk = Desk()
        desk.world.feed.failures = ["HTTP 451"]
        async with desk.page(view=("BTCUSDT", "1d", [])) as tab:
            await until(
                lambda: (
                    tab.of(ids.PUSHED)
                    and "HTTP 451" in tab.of(ids.PUSHED)[-1]["layout"]["meta"]["note"]
                )
            )

    run(scenario())


def test_a_loop_ends_when_its_lease_does():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            desk.clock.now_s += LEASE_S
            await desk.tick()
            await until(lambda: desk.live.pages.live == 0)

    run(scenario())


def test_a_renewed_lease_keeps_the_one_loop():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            for _ in range(20):
                desk.clock.now_s += LEASE_S - 1.0
                view = desk.live.choices.view(*BTC)
                assert desk.live.renew("p", view, seen=10**6).is_live
                await desk.tick()
            assert desk.live.pages.live == 1

    run(scenario())


def test_a_loop_ends_with_its_socket():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            tab.is_shutdown = True
            await desk.tick()
            await until(lambda: desk.live.pages.live == 0)

    run(scenario())


def test_a_second_loop_of_a_page_replaces_the_first():
    async def scenario():
        desk = Desk()
        async with desk.page() as first:
            await until(lambda: first.of(ids.PUSHED))
            async with desk.page(outlet=Outlet()) as second:
                await until(lambda: second.of(ids.PUSHED))
                count = len(first.of(ids.LIVE))
                await desk.tick()
                await until(lambda: second.of(ids.LIVE)[-1]["candle"])
                assert len(first.of(ids.LIVE)) == count
                assert desk.live.pages.live == 1

    run(scenario())


def test_a_tab_that_reads_nothing_is_not_flooded():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            for _ in range(300):
                desk.clock.now_s += 0.01
                desk.live.pages.renew("p", desk.live.choices.view(*BTC))
                await desk.tick()
                await asyncio.sleep(0.001)
            assert len(tab.of(ids.LIVE)) <= 81

    run(scenario())


def test_a_new_signal_reaches_the_table_and_the_chart():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.SIGNALS) and tab.of(ids.PUSHED))
            desk.world.journal.signals = (signal(1),)
            desk.clock.now_s += 3.0
            await desk.tick()
            await until(lambda: tab.of(ids.SIGNALS)[-1] and len(tab.of(ids.PUSHED)) > 1)
            assert tab.of(ids.SIGNALS)[-1][0]["symbol"] == "BTCUSDT"
            longs = next(
                t for t in tab.of(ids.PUSHED)[-1]["data"] if t.get("name") == "Signals LONG"
            )
            assert len(longs["x"]) == 1

    run(scenario())


def test_what_has_not_changed_is_not_sent_again():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.SIGNALS))
            desk.clock.now_s += 3.0
            await desk.tick()
            await until(lambda: tab.of(ids.LIVE)[-1]["candle"])
            assert len(tab.of(ids.ENGINE)) == 1
            assert len(tab.of(ids.SIGNALS)) == 1

    run(scenario())


def test_a_silent_feed_is_told_on_the_next_beat():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.PUSHED))
            desk.world.feed.now = FakeFeedStatus("silent", 12.0, "No frame for 12 s")
            await until(lambda: not tab.of(ids.LIVE)[-1]["feed"]["live"])
            assert tab.of(ids.LIVE)[-1]["feed"]["state"] == "SILENT"

    run(scenario())


def test_a_choice_that_is_not_on_offer_is_refused():
    async def scenario():
        with pytest.raises(ViewError):
            await Desk().live.show("p", "DOGEUSDT", "2m", [])

    run(scenario())


def test_a_symbol_that_is_not_followed_is_answered_with_the_reason():
    async def scenario():
        desk, outlet = Desk(), Outlet()
        figure = parsed(await desk.live.show("p", "SOLUSD", "1m", []))
        meta = figure["layout"]["meta"]
        assert (meta["market"], meta["bars"]) == ("SOLUSD|1m", 0)
        assert meta["note"].startswith("SOLUSD is not followed; did you mean SOLUSDT")
        await desk.live.push("p", "SOLUSD", "1m", [], outlet)
        assert outlet.sent == []
        assert desk.world.feed.focused == []

    run(scenario())


def followed(tab):
    return tab.of(ids.SYMBOL)[-1][0]["items"]


def test_a_symbol_listed_while_the_page_is_open_can_be_chosen():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.SYMBOL))
            assert followed(tab) == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
            desk.world.feed.followed = ("BTCUSDT", "NEWUSDT")
            desk.clock.now_s += STATUS_EVERY_S
            await until(lambda: len(tab.of(ids.SYMBOL)) > 1)
            assert followed(tab) == ["BTCUSDT", "NEWUSDT"]
            desk.world.feed.followed = ("NEWUSDT",)
            desk.clock.now_s += STATUS_EVERY_S
            await until(lambda: len(tab.of(ids.SYMBOL)) > 2)
            assert followed(tab) == ["NEWUSDT", "BTCUSDT"]  # what is shown stays
            assert desk.live.choices.view("NEWUSDT", "1m", []).symbol == "NEWUSDT"

    run(scenario())


def test_without_a_symbol_there_is_nothing_to_show():
    async def scenario():
        desk, outlet = Desk(), Outlet()
        assert await desk.live.show("p", None, "1m", []) is None
        await desk.live.push("p", None, "1m", [], outlet)
        assert outlet.sent == []

    run(scenario())


def test_before_the_feed_knows_the_configured_symbols_can_be_chosen():
    desk = Desk()
    desk.world.feed.followed = ()
    assert desk.live.choices.symbols == desk.world.services.settings.symbols


def test_the_feed_is_told_what_the_pages_show():
    async def scenario():
        desk = Desk()
        told = desk.world.feed.focused
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.LIVE))
            assert told == [{"BTCUSDT"}]
            await desk.live.show("p", *ETH)
            assert told[-1] == {"ETHUSDT"}
            await desk.live.show("q", *BTC)
            await desk.live.show("q", *BTC)
            assert told[1:] == [{"ETHUSDT"}, {"ETHUSDT", "BTCUSDT"}]
            desk.clock.now_s += LEASE_S
            await until(lambda: told[-1] == frozenset())

    run(scenario())


def test_another_interval_brings_its_regime_at_once():
    async def scenario():
        desk = Desk()
        async with desk.page() as tab:
            await until(lambda: tab.of(ids.REGIME))
            assert "BTCUSDT 1m" in str(tab.of(ids.REGIME)[-1])
            await desk.live.show("p", "BTCUSDT", "15m", [])
            await until(lambda: "BTCUSDT 15m" in str(tab.of(ids.REGIME)[-1]))

    run(scenario())


def test_a_loop_that_begins_before_the_page_remembers_its_overlays_takes_nothing_from_it():
    async def scenario():
        desk = Desk()
        await desk.live.show("p", *BTC)
        async with desk.page(view=("BTCUSDT", "1m", [])) as tab:
            await until(lambda: tab.of(ids.SIGNALS))
            await desk.tick(TICKS_PER_BAR)
            await until(lambda: tab.of(ids.PUSHED))
            assert tab.of(ids.PUSHED)[-1]["layout"]["meta"]["overlays"] == ["supertrend"]

    run(scenario())
