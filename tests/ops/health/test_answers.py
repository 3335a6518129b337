import asyncio
import time
from dataclasses import dataclass

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.model.engine_report import EngineReport
from core.model.health import Level
from ops.health.answers import alive, database, detailed, ready
from ops.health.probes import Sources, open_health
from ops.health.watch import HealthWatch
from tests.builders import home, settings

RUNBOOK = {
    "memory", "cpu", "disk", "cache_hit_rate", "feed", "cache_populated", "database",
    "database_write", "telemetry", "signal_rate", "no_signal", "daily_loss", "drawdown", "sharpe",
    "regime", "backup_age", "llm_budget", "entries", "emergency_stop", "clock_offset", "engine",
    "integrity",
}  # fmt: skip


@dataclass(frozen=True)
class Status:
    state: str = "LIVE"
    age_s: float | None = 0.1
    detail: str = ""
    frames: int = 1


class Feed:
    symbols = ("BTCUSDT",)
    market_label = "SIMULATED"

    def __init__(self):
        self.now = Status()

    def status(self):
        return self.now

    def market_time_ms(self):
        return 0


class Scene:
    def __init__(self, root, *, serves_page=True, report=None):
        self.home, self.feed, self.now_s = home(root), Feed(), 1_000.0
        self.health = open_health(
            Sources(
                settings(),
                self.home,
                self.feed,
                lambda: {"hits": 0, "misses": 0, "series": {}, "alarm": ""},
                serves_page=serves_page,
                report=report,
                monotonic=lambda: self.now_s,
            )
        )

    def look(self):
        self.now_s += 10.0
        asyncio.run(self._look())

    async def _look(self):
        """Look until what takes long is there too, where there is a database to look through."""
        watch, end_s = self.health.watch, time.monotonic() + 60.0
        await watch.look()
        while not self.health.journal.integrity_state.result and self.home.database.exists():
            assert time.monotonic() < end_s
            await watch.look()
        await watch.look()
        await watch.close()

    def component(self, name):
        return detailed(self.health).told["components"][name]


def looked_over(root):
    scene = Scene(root)
    Journal.open(database_url(scene.home.database)).close()
    scene.look()
    return scene


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return looked_over(tmp_path_factory.mktemp("answers"))


def test_the_server_lives_whatever_becomes_of_the_rest():
    assert (alive().status, alive().told) == (200, {"status": "alive"})


def test_before_anybody_has_looked_nothing_is_healthy_or_ready(tmp_path):
    fresh = Scene(tmp_path).health
    assert (ready(fresh).status, detailed(fresh).status) == (503, 503)
    assert database(fresh).told["reason"] == "not asked yet"


def test_every_component_of_the_runbook_is_told_with_state_limits_and_reason(kept):
    told = detailed(kept.health).told["components"]
    assert told.keys() >= RUNBOOK | {"page_response"}
    disk = told["disk"]
    assert (disk["warning"], disk["critical"], disk["unit"]) == (85.0, 90.0, "%")
    assert all(one["reason"] and one["since_ms"] for one in told.values())
    assert told["cache_hit_rate"]["state"] == "unknown"


def test_an_engine_judges_everything_but_the_page(tmp_path):
    rules = Scene(tmp_path, serves_page=False).health.watch.rules
    names = {rule.component for rule in rules}
    assert names >= RUNBOOK
    assert not names & {"page_response", "engine_feed"}


def test_an_engine_is_asked_itself_once_a_round(tmp_path):
    asked = []

    def report():
        asked.append(1)
        return EngineReport(1, "LIVE", 0.1, 0, "nobody", 1.0, 0, alarm="disk full")

    engine = Scene(tmp_path, serves_page=False, report=report)
    engine.look()
    assert len(asked) == 1
    assert "disk full" in engine.component("engine_saving")["reason"]


def test_what_is_not_known_is_not_unhealthy_but_a_critical_component_is(tmp_path):
    scene = looked_over(tmp_path)
    assert detailed(scene.health).status == 200, "the engine's absence does not count yet"
    scene.now_s += 40.0
    scene.look()
    answer = detailed(scene.health)
    assert (answer.status, answer.told["healthy"], answer.told["level"]) == (503, False, "critical")
    assert "make start" in scene.component("engine")["reason"]


def test_ready_is_a_live_feed_and_a_journal_that_answers(kept):
    kept.look()
    assert ready(kept.health).status == 200
    kept.feed.now = Status("SILENT", 9.0, "nothing for 9 s")
    answer = ready(kept.health)
    kept.feed.now = Status()
    assert (answer.status, answer.told["reasons"]) == (503, ["feed is silent: nothing for 9 s"])


def test_a_journal_that_nobody_could_read_for_long_is_not_ready(kept):
    kept.look()
    kept.now_s += 60.0
    assert "no answer" in ready(kept.health).told["reasons"][0]
    assert database(kept.health).status == 503


def test_what_was_found_long_ago_is_not_told_as_news(kept):
    kept.look()
    kept.now_s += 61.0
    answer = detailed(kept.health)
    assert (answer.status, answer.told["level"]) == (503, Level.UNKNOWN.value)


def test_the_database_is_told_with_schema_size_and_checks(kept):
    kept.look()
    kept.look()
    answer = database(kept.health)
    told = answer.told
    assert (answer.status, told["reachable"]) == (200, True)
    assert told["revision"] == told["revision_of_program"]
    assert told["size_bytes"] > 0
    assert told["integrity"]["result"] == "ok"


def test_one_without_probes_tells_of_none():
    assert HealthWatch((), every_s=1.0).rules == ()
