"""What the page's server says of its health, and that it never waits for it."""

import asyncio
import json
import threading
from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.config.password_hash import PasswordHash
from core.model.engine_state import EngineActivity, EngineState
from ops.health.answer_times import LEAST
from tests.ui.asked import ask
from tests.ui.fakes import FakeFeedStatus, FakeJournal, world
from ui.app import create_app
from ui.health_routes import PromptStatus
from ui.status_service import StatusService

DEADLINE_S = 60.0


class HeldJournal(FakeJournal):
    """A journal whose readers wait while somebody holds it."""

    def __init__(self):
        super().__init__()
        self.free = threading.Event()
        self.free.set()

    def recent_signals(self, limit):
        assert self.free.wait(DEADLINE_S)
        return super().recent_signals(limit)


def test_a_locked_journal_holds_no_answer_up():
    now_s, journal = [0.0], HeldJournal()
    services = replace(world(monotonic=lambda: now_s[0]).services, journal=journal)

    async def scenario():
        status = PromptStatus(
            StatusService(services), monotonic=services.monotonic, first_waited_s=DEADLINE_S
        )
        first = await status.newest()
        now_s[0] += 10.0
        journal.free.clear()
        try:
            return first, await status.newest(), await status.newest()
        finally:
            journal.free.set()

    first, second, third = asyncio.run(asyncio.wait_for(scenario(), DEADLINE_S))
    assert first.engine.activity == "running"
    assert second is first
    assert third is first


@pytest.mark.parametrize("answers", [True, False])
def test_an_engine_is_not_told_by_a_reading_of_long_ago(answers):
    now_s, journal = [0.0], HeldJournal()
    market = world(monotonic=lambda: now_s[0])
    services = replace(market.services, journal=journal)

    async def scenario():
        status = PromptStatus(
            StatusService(services),
            monotonic=services.monotonic,
            first_waited_s=DEADLINE_S if answers else 0.05,
        )
        await status.newest()
        now_s[0] += 60.0
        market.engine.now = EngineState(EngineActivity.STOPPED)
        journal.free.clear()
        threading.Timer(0.1, journal.free.set if answers else lambda: None).start()
        try:
            return await status.newest()
        finally:
            journal.free.set()

    engine = asyncio.run(asyncio.wait_for(scenario(), DEADLINE_S)).engine
    assert engine.activity == ("stopped" if answers else "unknown")
    assert answers or "60 s" in engine.detail


def test_a_process_that_cannot_work_yet_is_alive_and_not_ready():
    market = world()
    app = create_app(market.services)
    assert ask(app, "/health/live").status == 200
    answer = ask(app, "/health/ready")
    assert (answer.status, json.loads(answer.text)["reasons"]) == (503, ["journal: not asked yet"])
    market.feed.now = FakeFeedStatus("silent", 12.0)
    assert "feed is silent" in json.loads(ask(app, "/health/ready").text)["reasons"][0]


@pytest.mark.parametrize("path", ["/health/database", "/health/detailed"])
def test_what_nobody_has_looked_at_is_not_healthy(path):
    answer = ask(create_app(world().services), path)
    assert answer.status == 503
    assert answer.headers["content-type"] == "application/json"


def test_answers_of_the_page_are_timed_those_on_health_are_not():
    services = world().services
    app = create_app(services)
    for _ in range(LEAST):
        ask(app, "/health/live")
    assert services.health.answers.page().value is None
    for _ in range(LEAST):
        ask(app, "/no-such-page", headers=[("host", "elsewhere")])
    assert services.health.answers.page().value is not None


def test_with_a_login_only_the_sign_of_life_is_open():
    chosen = world().services.settings
    hashed = SecretStr(PasswordHash.of("correct horse", cost=1 << 14, parallel=1).line)
    guarded = chosen.dashboard.model_copy(update={"password_hash": hashed})
    services = replace(world().services, settings=chosen.model_copy(update={"dashboard": guarded}))
    app = create_app(services)
    found = {p: ask(app, f"/health{p}").status for p in ("", "/ready", "/database", "/detailed")}
    assert found == {"": 401, "/ready": 401, "/database": 401, "/detailed": 401}
    assert ask(app, "/health/live").status == 200
