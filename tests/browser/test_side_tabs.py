"""Chat, watchlist, alerts and System in a real browser, on a market of fakes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Home
from core.journal.database import database_url
from core.journal.reader import JournalReader
from tests.browser.conftest import tab
from tests.browser.test_trade_page import until
from tests.builders import settings
from tests.deepseek.server import Act, deepseek_playing
from tests.deepseek.streaming_server import chunk, says, streams
from tests.ui.fakes import World, world
from tests.ui.serving import served
from ui.access.action_token import ActionToken
from ui.chat.feature import chat_feature
from ui.notifications.feature import notifications_feature

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
            page.locator("#chat-budget").get_by_text("1 of").wait_for()

            page.locator("#chat-question").fill("And then?")
            page.locator("#chat-send").click()
            page.get_by_text("It goes on and").wait_for()
            page.locator("#chat-stop").click()
            page.get_by_text("Stopped; what came is kept.").wait_for()
            reader = JournalReader.open(database_url(home.database))
            until(lambda: reader.chat_messages()[-1].error == "stopped", "the kept part")
            page.locator("#chat-budget").get_by_text("2 of").wait_for()
            assert page.locator(".chat-entry").count() == 4
            assert opened.complaints == []
