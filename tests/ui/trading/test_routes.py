"""What the page asks for comes to the engine, and its answer back."""

import asyncio
import json

import pytest
from fastapi import FastAPI

from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import Close, CommandState, Enter, Flatten, MoveLevels, PauseSymbol
from core.model.engine_state import EngineActivity, EngineState
from core.model.signal import Direction
from core.model.source import Source
from tests.core.journal.empty_journal import ready
from tests.ui.fakes import world
from ui.access.action_token import ActionToken
from ui.trading.orders import Orders
from ui.trading.quote import Quote
from ui.trading.routes import trading_router

ENTRY = {
    "symbol": "BTCUSDT",
    "direction": "LONG",
    "stop": 63_000,
    "target": 66_000.5,
    "risk_pct": 0.5,
}


class FakeEngine:
    """Answers a command in the moment it is written, or never."""

    def __init__(self, journal):
        self._journal = journal
        self.answers = CommandState.DONE

    def add_command(self, command, *, who, at_ms):
        number = self._journal.add_command(command, who=who, at_ms=at_ms)
        if self.answers is not CommandState.WAITING:
            self._journal.settle_command(number, self.answers, "so be it", Effects())
        return number

    def close(self):
        """It stays open for the next."""


class Scene:
    """The routes on a journal of their own."""

    def __init__(self, url):
        self.world = world()
        self.journal = Journal.open(ready(url))
        self.engine = FakeEngine(self.journal)
        self.reader = JournalReader.open(url)
        self.has_journal = True
        self.token = ActionToken()
        self.quotes = []
        self.failure = None
        orders = Orders(
            self.world.services,
            lambda: self.reader if self.has_journal else None,
            lambda: self.engine,
            patience_s=0.0,
        )
        self.app = FastAPI()
        self.app.include_router(trading_router(orders, self.quoted, self.token))

    def quoted(self, wish):
        if self.failure is not None:
            raise self.failure
        self.quotes.append(wish)
        return Quote(wish.symbol, 64_000.0, 10_000.0, "too late")

    def post(self, path, body, *, token=None):
        """Status and JSON of one request."""
        sent = []
        key = self.token.value if token is None else token
        content = json.dumps(body).encode()
        requests = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive():
            return next(requests, None) or await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": f"/trading/{path}",
            "raw_path": f"/trading/{path}".encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json"), (b"x-trading-token", key.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8050),
            "state": {},
        }
        asyncio.run(self.app(scope, receive, send))
        return sent[0]["status"], json.loads(b"".join(m.get("body", b"") for m in sent[1:]))

    def newest(self):
        return self.reader.recent_commands(1)[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    made = Scene(database_url(tmp_path_factory.mktemp("trading") / "journal.db"))
    made.engine.add_command(PauseSymbol("SOLUSDT"), who="somebody", at_ms=0)  # there is a newest
    return made


@pytest.fixture
def scene(kept):
    kept.engine.answers, kept.has_journal, kept.failure = CommandState.DONE, True, None
    kept.world.engine.now = EngineState(EngineActivity.RUNNING)
    return kept


ASKED = [
    ("enter", ENTRY, Enter("BTCUSDT", Direction.LONG, 63_000.0, 66_000.5, risk_pct=0.5)),
    ("close", {"trade_id": 3}, Close(3)),
    ("close", {"trade_id": 3, "share": 0.5}, Close(3, 0.5)),
    ("move", {"trade_id": 3, "stop": 63_100.0}, MoveLevels(3, stop=63_100.0)),
    ("flatten", {"sources": ["hand", "policy"]}, Flatten((Source.HAND, Source.POLICY))),
    ("pause", {"symbol": "ETHUSDT"}, PauseSymbol("ETHUSDT")),
]


@pytest.mark.parametrize(("path", "body", "command"), ASKED)
def test_the_engine_is_asked_for_it_by_the_dashboard(scene, path, body, command):
    status, told = scene.post(path, body)
    row = scene.newest()
    assert (status, told) == (200, {"said": "so be it.", "command": row.id})
    assert (row.command, row.who) == (command, "dashboard")


def test_a_refusal_comes_back_with_its_reason(scene):
    scene.engine.answers = CommandState.REFUSED
    status, told = scene.post("close", {"trade_id": 4})
    assert (status, told["refused"]) == (200, "so be it.")


def test_an_engine_that_does_not_answer_may_be_asked_again_for_its_answer(scene):
    scene.engine.answers = CommandState.WAITING
    status, told = scene.post("resume", {"symbol": "ETHUSDT"})
    assert status == 202
    assert "does not answer" in told["said"]
    assert scene.post("answer", {"number": told["command"]})[0] == 202
    scene.journal.settle_command(told["command"], CommandState.DONE, "ETHUSDT resumes", Effects())
    status, told = scene.post("answer", {"number": told["command"]})
    assert (status, told["said"]) == (200, "ETHUSDT resumes.")
    assert scene.post("answer", {"number": 10**6})[0] == 409
    assert scene.post("answer", {"number": 2**63})[0] == 422


@pytest.mark.parametrize("missing", ["journal", "engine"])
def test_nothing_is_asked_where_nobody_would_answer(scene, missing):
    before = scene.newest().id
    scene.has_journal = missing != "journal"
    if missing == "engine":
        scene.world.engine.now = EngineState(EngineActivity.STOPPED)
    status, told = scene.post("pause", {"symbol": "BTCUSDT"})
    assert status == 409
    assert "make start" in told["detail"]
    assert scene.newest().id == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("enter", ENTRY | {"quantity": 1.0}),
        ("enter", ENTRY | {"target": 60_000}),
        ("enter", ENTRY | {"stop": "63000"}),
        ("enter", ENTRY | {"leverage": 100}),
        ("enter", ENTRY | {"stop": float("nan")}),
        ("close", {"trade_id": 3, "share": 1.5}),
        ("close", {"trade_id": 0}),
        ("move", {"trade_id": 3}),
        ("flatten", {"sources": ["random"]}),
        ("flatten", {"sources": []}),
        ("pause", {"symbol": "a b"}),
    ],
)
def test_what_cannot_be_is_not_asked(scene, path, body):
    before = scene.newest().id
    assert scene.post(path, body)[0] == 422
    assert scene.newest().id == before


@pytest.mark.parametrize("path", ["quote", "enter", "close", "move", "flatten", "pause", "answer"])
def test_each_route_needs_the_token_of_the_page(scene, path):
    assert scene.post(path, ENTRY, token="another")[0] == 403  # noqa: S106 - that is the point


def test_a_quote_asks_nobody(scene):
    before = scene.newest().id
    status, told = scene.post("quote", ENTRY)
    assert (status, told["refused"], told["price"]) == (200, "too late", 64_000.0)
    assert scene.quotes[-1].risk_pct == 0.5
    assert scene.newest().id == before
    scene.failure = MissingJournalError("there is no journal yet")
    assert scene.post("quote", ENTRY) == (200, {"refused": "there is no journal yet"})
    scene.failure = ValueError("no price is known")
    assert scene.post("quote", ENTRY) == (200, {"refused": "no price is known"})
    assert "wrong sides" in scene.post("quote", ENTRY | {"target": 60_000})[1]["refused"]
