"""Alerts as the page lists them and asks for them."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.alert import Alert, Comparison
from core.model.command import AddAlert, CommandState, RemoveAlert
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from tests.ui.asking import post
from tests.ui.fakes import NOON_MS, world
from ui.access.action_token import ActionToken
from ui.alerts.reading import AlertReader
from ui.alerts.routes import alerts_router
from ui.trading.orders import Orders
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1)
PRICE = Alert("BTCUSDT", None, "price", Comparison.ABOVE, 65_000.0, "breakout")
WISH = {"symbol": "BTCUSDT", "subject": "price", "comparison": "above", "level": 65_000}


class FakeEngine:
    """Answers a command in the moment it is written."""

    def __init__(self, journal):
        self._journal = journal
        self.answers = CommandState.DONE

    def add_command(self, command, *, who, at_ms):
        number = self._journal.add_command(command, who=who, at_ms=at_ms)
        effects = Effects()
        if self.answers is CommandState.DONE and isinstance(command, AddAlert):
            effects = Effects(new_alert=command.alert, added_ms=at_ms)
        self._journal.settle_command(number, self.answers, "so be it", effects)
        return number

    def close(self):
        """It stays open for the next."""


class Scene:
    """The routes and the reader on a journal of their own."""

    def __init__(self, url):
        self.world, self.token = world(), ActionToken()
        self.world.feed.time_ms = NOON_MS
        self.journal, self.journal_reader = Journal.open(url), JournalReader.open(url)
        self.engine = FakeEngine(self.journal)
        self.alerts = AlertReader(self.world.services, lambda: self.journal_reader)
        orders = Orders(
            self.world.services, lambda: self.journal_reader, lambda: self.engine, patience_s=0.0
        )
        self.app = FastAPI()
        self.app.include_router(alerts_router(orders, self.token))

    def post(self, path, body, *, token=None):
        """Status and JSON of one request."""
        return post(self.app, path, body, self.token.value if token is None else token)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return Scene(database_url(tmp_path_factory.mktemp("alerts") / "journal.db"))


@pytest.fixture
def scene(kept):
    kept.engine.answers = CommandState.DONE
    kept.world.engine.now = EngineState(EngineActivity.RUNNING)
    return kept


def test_an_alert_is_asked_for_listed_told_when_it_fires_and_removed(scene):
    assert scene.post("/alerts/add", WISH | {"note": "breakout"}) == (200, {"said": "So be it."})
    assert scene.journal_reader.recent_commands(1)[0].command == AddAlert(PRICE)
    (row,) = scene.alerts.book(VIEW).active
    assert row.alert == PRICE
    assert scene.alerts.book(VIEW).fired == ()

    fired = replace(row, active=False, above=True, fired_ms=NOON_MS - 5, value=65_001.5)
    scene.journal.save_alerts([fired])
    book = scene.alerts.book(VIEW)
    assert (book.active, book.fired) == ((), (fired,))
    (told,) = scene.alerts.told(book)["fired"]
    assert (told["level"], told["value"], told["decimals"], told["active"]) == (
        65_000.0, 65_001.5, 1, False,
    )  # fmt: skip

    assert scene.post("/alerts/remove", {"alert_id": row.id})[0] == 200
    assert scene.journal_reader.recent_commands(1)[0].command == RemoveAlert(row.id)


def test_what_the_engine_refuses_is_told_with_its_reason(scene):
    scene.engine.answers = CommandState.REFUSED
    status, told = scene.post("/alerts/add", WISH | {"subject": "rsi_14", "level": 70})
    assert (status, told) == (200, {"refused": "So be it."})


def test_without_an_engine_nothing_is_asked_and_the_list_says_that_nobody_watches(scene):
    scene.world.engine.now = EngineState(EngineActivity.STOPPED)
    before = scene.journal_reader.recent_commands(1)
    status, told = scene.post("/alerts/add", WISH)
    assert (status, "make start" in told["detail"]) == (409, True)
    assert scene.journal_reader.recent_commands(1) == before
    assert scene.alerts.told(scene.alerts.book(VIEW))["is_running"] is False


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/alerts/add", WISH | {"level": 0}),
        ("/alerts/add", WISH | {"level": "65000"}),
        ("/alerts/add", WISH | {"comparison": "equals"}),
        ("/alerts/add", WISH | {"note": "two\nlines"}),
        ("/alerts/add", WISH | {"script": "x"}),
        ("/alerts/remove", {"alert_id": 0}),
    ],
)
def test_what_cannot_be_is_not_asked(scene, path, body):
    before = scene.journal_reader.recent_commands(1)
    assert scene.post(path, body)[0] == 422
    assert scene.journal_reader.recent_commands(1) == before


@pytest.mark.parametrize("path", ["/alerts/add", "/alerts/remove"])
def test_each_route_needs_the_token_of_the_page(scene, path):
    assert scene.post(path, WISH, token="another")[0] == 403  # noqa: S106 - that is the point


def test_before_the_engine_ever_ran_there_is_no_alert_and_no_fault():
    def missing():
        raise MissingJournalError("there is none")

    book = AlertReader(world().services, missing).book(VIEW)
    assert (book.active, book.fault) == ((), "")
