"""Chat, watchlist, alerts and System in a real browser, on a market of fakes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.config import Home
from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.alert import Alert, Comparison
from core.model.command import AddAlert, CommandState
from core.model.verdict import Purpose
from deepseek.budget import DAY_MS
from deepseek.client import utc_now_ms
from ops.health.probes import Sources, open_health
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.builders import settings
from tests.deepseek.server import Act, deepseek_playing
from tests.deepseek.streaming_server import chunk, says, streams
from tests.ui.fakes import World, world
from tests.ui.serving import served
from ui.access.action_token import ActionToken
from ui.alerts.feature import alerts_feature
from ui.chat.feature import chat_feature
from ui.notifications.feature import notifications_feature
from ui.system.feature import system_feature
from ui.watchlist.feature import watchlist_feature

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror="alert(1)"> [link](http://evil.example) it rises'


@contextmanager
def deepseek(*acts: Act) -> Iterator[str]:
    """A provider on a loop of its own that plays ``acts``; the address."""
    loop, begun, address = asyncio.new_event_loop(), threading.Event(), []
    over = asyncio.Event()

    async def play() -> None:
        async with deepseek_playing(*acts) as script:
            address.append(script.url)
            begun.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(play()), daemon=True)
    thread.start()
    assert begun.wait(60.0)
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(60.0)
        loop.close()


def asking(market: World, url: str) -> World:
    """The same market, whose questions go to an address."""
    chosen = settings(DEEPSEEK_BASE_URL=url, DEEPSEEK_API_KEY="sk-0123456789abcdef")
    whole = market.services.settings.model_copy(update={"deepseek": chosen.deepseek})
    return replace(market, services=replace(market.services, settings=whole))


def watched(market: World, home: Home) -> World:
    """The same market, whose health can be looked at."""
    services = market.services
    sources = Sources(
        services.settings, home, market.feed, market.store.get_cache_stats, serves_page=True
    )
    return replace(market, services=replace(services, health=open_health(sources)))


def asked_today(reader: JournalReader) -> str:
    """How the page tells the number of the day's questions; at 00:00 UTC it begins anew."""
    today_ms = utc_now_ms() // DAY_MS * DAY_MS
    return f"· {reader.spent(Purpose.CHAT, today_ms).calls} of"


def test_a_question_is_answered_as_text_and_an_answer_can_be_stopped(browser, tmp_path: Path):
    home, actions = Home(tmp_path), ActionToken()
    home.create()
    endless = streams(chunk("It goes on and"), then="keep-alive")
    with deepseek(says(MARKUP), endless) as url:
        market = asking(world(), url)
        features = (
            notifications_feature(market.services, home),
            chat_feature(market.services, home, actions),
        )
        with (
            served(market, ticks_per_s=1.0, features=features, actions=actions) as server,
            tab(browser, server.url) as opened,
        ):
            page = opened.load().page
            page.locator("#tab-chat").click()
            page.locator("#chat-question").fill("Why?")
            page.keyboard.press("Enter")
            page.locator(".chat-entry.assistant .chat-text").get_by_text("it rises").wait_for()
            assert opened.text(".chat-entry.assistant .chat-text") == MARKUP
            assert page.locator("#chat-list img, #chat-list a").count() == 0
            reader = JournalReader.open(database_url(home.database))
            until(lambda: reader.spent(Purpose.CHAT, 0).calls == 1, "the counted question")
            until(lambda: asked_today(reader) in opened.text("#chat-budget"), "one of the budget")

            page.locator("#chat-question").fill("And then?")
            page.locator("#chat-send").click()
            page.get_by_text("It goes on and").wait_for()
            page.locator("#chat-stop").click()
            page.get_by_text("Stopped; what came is kept.").wait_for()
            until(lambda: reader.chat_messages()[-1].error == "stopped", "the kept part")
            until(lambda: reader.spent(Purpose.CHAT, 0).calls == 2, "the other question")
            until(lambda: asked_today(reader) in opened.text("#chat-budget"), "two of the budget")
            assert page.locator(".chat-entry").count() == 4
            assert opened.complaints == []


def test_the_watchlist_is_filtered_and_leads_to_a_symbol(browser, tmp_path: Path):
    market = world()
    features = (watchlist_feature(market.services, Home(tmp_path)),)
    with (
        served(market, ticks_per_s=1.0, features=features) as server,
        tab(browser, server.url) as opened,
    ):
        page = opened.load().page
        page.locator("#tab-watchlist").click()
        rows = page.locator("#watchlist-grid .ag-center-cols-container .ag-row")
        page.locator("#watchlist-grid .watchlist-spark path[d^=M]").nth(2).wait_for()
        assert rows.count() == 3
        assert page.locator("#watchlist-count").inner_text() == "3 followed"
        page.locator("#watchlist-filter").fill("eth")
        page.get_by_text("1 of 3").wait_for()
        page.locator("#watchlist-grid .ag-center-cols-container [row-id=ETHUSDT]").click()
        page.locator("#watchlist-grid .watchlist-shown", has_text="ETHUSDT").wait_for()
        page.wait_for_function("dash_clientside.chart.market().startsWith('ETHUSDT|')")
        assert opened.complaints == []


@dataclass
class Scene:
    """A page with alerts and the log, and the test in the place of the engine."""

    opened: Tab
    market: World
    journal: Journal
    reader: JournalReader

    def pick(self) -> None:
        """Click into the middle of the price pane."""
        page = self.opened.page
        page.locator("#alerts-pick").click()
        box = page.locator("#chart-box").bounding_box()
        assert box is not None
        at = page.evaluate(
            "(() => { const { left, top, width, height } = dash_clientside.chart.place();"
            " return { x: left + width / 2, y: top + height / 2 }; })()"
        )
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
        page.locator("#alerts-level:focus").wait_for()

    def accept(self) -> Alert:
        until(self.reader.waiting_commands, "the alert in the journal")
        waiting = self.reader.waiting_commands()[0]
        assert isinstance(waiting.command, AddAlert)
        effects = Effects(new_alert=waiting.command.alert, added_ms=1)
        self.journal.settle_command(waiting.id, CommandState.DONE, "it is watched for", effects)
        return waiting.command.alert

    def fire(self) -> None:
        (row,) = self.reader.alerts()
        at_ms = self.market.feed.time_ms or 0
        fired = replace(row, active=False, above=True, fired_ms=at_ms, value=row.alert.level)
        self.journal.save_alerts([fired])


@pytest.fixture
def scene(browser, tmp_path: Path) -> Iterator[Scene]:
    market, home, actions = watched(world(), Home(tmp_path)), Home(tmp_path), ActionToken()
    home.create()
    (home.logs / "trading.log").write_text(
        "2026-11-21T12:00:00.000Z WARNING engine core.engine <b>late</b>\n"
    )
    url = database_url(home.database)
    journal = Journal.open(url)
    features = (
        notifications_feature(market.services, home),
        alerts_feature(market.services, home, actions),
        system_feature(market.services, home, actions),
    )
    with (
        served(market, ticks_per_s=1.0, features=features, actions=actions) as server,
        tab(browser, server.url) as opened,
    ):
        yield Scene(opened.load(), market, journal, JournalReader.open(url))
        assert opened.complaints == []
    journal.close()


def test_an_alert_is_set_from_the_chart_and_told_when_it_fires(scene):
    page = scene.opened.page
    scene.opened.keep_toasts()
    scene.pick()
    page.locator("#alerts-comparison").select_option("above")
    page.locator("#alerts-add").click()
    alert = scene.accept()
    assert (alert.symbol, alert.comparison) == ("BTCUSDT", Comparison.ABOVE)
    page.locator(".alerts-line").wait_for()
    page.locator(".alerts-table").get_by_text("waiting").wait_for()
    scene.fire()
    page.locator("#notifications-toasts").get_by_text("Price alert: BTCUSDT").wait_for()
    page.locator(".alerts-table").get_by_text("fired").wait_for()
    page.locator(".alerts-line").wait_for(state="detached")

    page.locator(".alerts-log-line.warning").get_by_text("<b>late</b>").wait_for()
    assert page.locator("#alerts-log-list b").count() == 0
    page.locator("#alerts-log-filter").fill("no such word")
    page.get_by_text("No line is like that.").wait_for()


def test_the_page_system_tells_of_each_part_and_makes_a_backup(scene):
    page = scene.opened.page
    page.locator(".page-link", has_text="System").click()
    for name in ("Dashboard feed", "Journal", "Engine", "Emergency stop", "Disk"):
        page.locator(f"#system-health tr[data-row='{name}']").wait_for()
    page.locator("#system-streams tr[data-row='btcusdt@kline_1m']").wait_for()
    page.locator("#system-database").get_by_text("Rows of decisions").wait_for()
    page.locator("#part-configuration").get_by_text("deepseek.api_key").wait_for()
    page.locator("#system-backup").click()
    page.locator("#system-backup-said").get_by_text("was made").wait_for()
    assert page.locator("#system-backups tbody tr").count() == 1
