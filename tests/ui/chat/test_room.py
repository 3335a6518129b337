"""What a person asks on the page is answered line by line, whatever the server does."""

import asyncio
import json
from dataclasses import replace

import pytest
from fastapi import FastAPI

from core.config import Home
from core.journal.database import database_url
from core.journal.reader import JournalReader
from core.model.chat import ChatRole
from core.model.intervals import Interval
from tests.builders import settings
from tests.deepseek.server import deepseek_playing, refuses
from tests.deepseek.streaming_server import chunk, says, streams
from tests.ui.fakes import world
from ui.access.action_token import ActionToken
from ui.chat.feature import chat_feature
from ui.chat.panel import TALK
from ui.view import View

KEY = "sk-0123456789abcdef"
ASKED = {"question": "Why long?", "symbol": "BTCUSDT", "interval": "1m"}
DEADLINE_S = 60.0


class Scene:
    """The route on a market of fakes, with a journal that the first question makes."""

    def __init__(self, root, url="http://127.0.0.1:9", key=KEY):
        self.world = world()
        environment = {"DEEPSEEK_BASE_URL": url} | ({"DEEPSEEK_API_KEY": key} if key else {})
        chosen = self.world.services.settings.model_copy(
            update={"deepseek": settings(**environment).deepseek}
        )
        services = replace(self.world.services, settings=chosen)
        self.home, self.token = Home(root), ActionToken()
        self.home.create()
        self.feature = chat_feature(services, self.home, self.token)
        self.app = FastAPI()
        self.app.include_router(self.feature.router)
        self.leaves = asyncio.Event()

    async def ask(self, body=None, *, token=None, leave_at=None):
        """Status and lines; the browser goes away when it has read ``leave_at``."""
        sent, content = [], json.dumps(body or ASKED).encode()
        requests = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive():
            if (first := next(requests, None)) is not None:
                return first
            await self.leaves.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if leave_at is not None and leave_at in message.get("body", b""):
                self.leaves.set()

        key = (self.token.value if token is None else token).encode()
        headers = [(b"content-type", b"application/json"), (b"x-trading-token", key)]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/chat/ask",
            "raw_path": b"/chat/ask", "root_path": "", "query_string": b"", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8050), "state": {},
        }  # fmt: skip
        await asyncio.wait_for(self.app(scope, receive, send), DEADLINE_S)
        text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
        return sent[0]["status"], [json.loads(line) for line in text.splitlines()]

    def kept(self):
        return JournalReader.open(database_url(self.home.database)).chat_messages()

    def told(self):
        """What the panel pushes."""
        (panel,) = self.feature.panels
        reading = panel.read(View("BTCUSDT", Interval.M1))
        ((store, _, told),) = panel.updates(reading, None)
        assert store == TALK
        return told


def answered(tmp_path, act, **options):
    async def scenario():
        async with deepseek_playing(act) as script:
            scene = Scene(tmp_path, script.url)
            return scene, *(await scene.ask(**options)), script

    return asyncio.run(scenario())


@pytest.mark.simulator
def test_an_answer_is_told_in_pieces_and_kept_without_an_engine(tmp_path):
    scene, status, lines, script = answered(tmp_path, says("The trend ", "is up."))
    assert status == 200
    assert [line["piece"] for line in lines if "piece" in line] == ["The trend ", "is up."]
    assert lines[-1]["end"]["reason"] == ""
    assert lines[-1]["end"]["usd"] > 0.0
    assert "BTCUSDT" in script.requests[0]["messages"][-1]["content"]
    told = scene.told()
    assert [(m["role"], m["text"], m["market"]) for m in told["messages"]] == [
        ("user", "Why long?", "BTCUSDT 1m"),
        ("assistant", "The trend is up.", "BTCUSDT 1m"),
    ]
    assert (told["calls"], told["usd"]) == (1, pytest.approx(lines[-1]["end"]["usd"]))


@pytest.mark.simulator
def test_a_browser_that_goes_away_stops_the_answer_and_what_came_is_kept(tmp_path):
    async def scenario():
        async with deepseek_playing(streams(chunk("Half of "), then="keep-alive")) as script:
            scene = Scene(tmp_path, script.url)
            await scene.ask(leave_at=b"Half of ")
            async with asyncio.timeout(DEADLINE_S):
                while len(scene.kept()) < 2:
                    await asyncio.sleep(0.01)
            return scene.kept()[-1]

    message = asyncio.run(scenario())
    assert (message.role, message.text) == (ChatRole.ASSISTANT, "Half of ")
    assert (message.complete, message.error) == (False, "stopped")


def test_without_a_key_nothing_is_asked_and_no_journal_is_made(tmp_path):
    scene = Scene(tmp_path, key="")
    status, lines = asyncio.run(scene.ask())
    assert (status, lines[-1]["end"]["reason"]) == (200, "no_key")
    assert not scene.home.database.exists()
    assert scene.told()["has_key"] is False


@pytest.mark.simulator
def test_what_the_provider_refuses_is_said(tmp_path):
    _, status, lines, _ = answered(tmp_path, refuses(402))
    assert (status, lines[-1]["end"]["reason"]) == (200, "insufficient_balance")


def test_a_market_nothing_is_known_of_costs_nothing(tmp_path):
    async def scenario():
        async with deepseek_playing(says("never")) as script:
            scene = Scene(tmp_path, script.url)
            scene.world.feed.failures = ["banned for a minute"]
            return (await scene.ask())[1], script.requests

    lines, requests = asyncio.run(scenario())
    assert lines[-1]["end"]["reason"] == "no_facts"
    assert "banned for a minute" in lines[-1]["end"]["detail"]
    assert requests == []


@pytest.mark.parametrize(
    ("body", "token", "status"),
    [
        (ASKED, "another", 403),
        (ASKED | {"symbol": "NOSUCHUSDT"}, None, 422),
        (ASKED | {"question": "  "}, None, 422),
        (ASKED | {"question": "x" * 2_001}, None, 422),
        (ASKED | {"interval": "2m"}, None, 422),
        (ASKED | {"order": "BUY"}, None, 422),
    ],
)
def test_a_question_that_is_none_is_refused(tmp_path, body, token, status):
    assert asyncio.run(Scene(tmp_path).ask(body, token=token))[0] == status


def test_a_journal_that_cannot_be_read_is_said(tmp_path):
    scene = Scene(tmp_path)
    scene.home.database.write_text("this is no database, but long enough to be looked at")
    assert "database" in scene.told()["fault"]
