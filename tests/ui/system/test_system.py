"""The page System: what it says of each component, and what it never shows."""

import asyncio
import json
import os
import signal
import subprocess
from dataclasses import asdict

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from core.config import Home
from core.config.health import Ceiling
from core.data.sockets.health import StreamState
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.table_sizes import SizeReader
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from ops.health.rule import Observation, Rule, not_known
from ops.health.watch import HealthWatch, Probe
from ops.process_identity import ProcessIdentity
from ops.processes import Role, pid_file, registered
from tests.builders import settings
from tests.core.journal.builders import decision
from tests.core.journal.empty_journal import ready
from tests.ui.asking import post
from tests.ui.fakes import NOON_MS, stream, world
from ui.access.action_token import ActionToken
from ui.system.backing_up import BackupDesk
from ui.system.configuration import configuration, versions
from ui.system.database import DatabaseReader
from ui.system.facts import age_words, bytes_words
from ui.system.health import HealthReader, told_whole
from ui.system.processes import ProcessReader
from ui.system.routes import system_router
from ui.system.streams import StreamsReader
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1)
KEY = "sk-0123456789abcdef"
TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of this test alone


def missing():
    raise MissingJournalError("there is none")


def rows(facts):
    return {row.cells[0]: row for row in facts.rows}


class Scene:
    """A home with a journal in which the engine has reported once."""

    def __init__(self, root):
        self.home, self.world = Home(root), world()
        self.home.create()
        self.url = database_url(self.home.database)
        self.journal = Journal.open(ready(self.url))
        report = EngineReport(1, "LIVE", 0.1, 0, "nobody", 10_000.0, 1)
        self.journal.set_control("engine", report.to_json(), NOON_MS - 1_500)
        self.world.feed.time_ms = NOON_MS


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return Scene(tmp_path_factory.mktemp("system"))


@pytest.fixture
def scene(kept):
    kept.world.engine.now = EngineState(EngineActivity.RUNNING, "beating", "DeepSeek")
    kept.world.store.alarm, kept.world.feed.label = "", None
    kept.home.emergency_latch.unlink(missing_ok=True)
    return kept


class Gauge:
    """A component that is as it is set to."""

    def __init__(self):
        self.seen = Observation("30 % used", 30.0)

    def __call__(self):
        return self.seen


@pytest.fixture
def gauged():
    gauge, now_s = Gauge(), [1_000.0]
    rule = Rule("disk", "Disk", Ceiling(warning=85.0, critical=90.0), "%")
    watch = HealthWatch(
        [Probe(rule, gauge)],
        every_s=10.0,
        monotonic=lambda: now_s[0],
        clock_ms=lambda: int(now_s[0] * 1000),
    )
    return gauge, now_s, watch, HealthReader(watch, lambda: now_s[0])


def test_what_is_bad_comes_first_and_its_numbers_are_written_for_people(gauged):
    gauge, now_s, _, _ = gauged
    limits = Ceiling(warning=85.0, critical=90.0)
    well = Rule("cpu", "Processor", limits, "%")
    watch = HealthWatch(
        [
            Probe(well, lambda: Observation("1,234 reads", 3.0)),
            Probe(Rule("disk", "Disk", limits, "%"), gauge),
        ],
        every_s=10.0,
        monotonic=lambda: now_s[0],
        clock_ms=lambda: int(now_s[0] * 1000),
    )
    gauge.seen = Observation("full", 95.0)
    asyncio.run(watch.look())
    first, second = HealthReader(watch, lambda: now_s[0]).health(VIEW).rows
    assert (first.cells[0], second.cells[0]) == ("Disk", "Processor")
    assert second.cells[3] == "1\u2009234 reads"


def test_before_the_first_look_the_page_says_so(gauged):
    *_, reader = gauged
    assert reader.health(VIEW).note == "Nothing has been looked at yet."


@pytest.mark.parametrize(
    ("value", "level", "tone"),
    [(30.0, "ok", "good"), (86.0, "warning", "warning"), (95.0, "critical", "critical")],
)
def test_the_page_says_what_health_has_found(gauged, value, level, tone):
    gauge, _, watch, reader = gauged
    gauge.seen = Observation(f"{value:.0f} % used", value)
    asyncio.run(watch.look())
    (row,) = reader.health(VIEW).rows
    assert (row.cells[:2], row.tone) == (("Disk", level), tone)
    assert row.cells[3] == watch.findings()[0].reason


def test_what_is_not_known_has_a_tone_of_its_own(gauged):
    gauge, _, watch, reader = gauged
    gauge.seen = not_known("no such disk")
    asyncio.run(watch.look())
    (row,) = reader.health(VIEW).rows
    assert (row.cells[3], row.tone) == ("no such disk", "unknown")


def test_the_page_says_for_how_long_and_when_nobody_looks_any_more(gauged):
    _, now_s, watch, reader = gauged
    asyncio.run(watch.look())
    now_s[0] += 15.0
    assert reader.health(VIEW).rows[0].cells[2] == "15 s"
    assert reader.health(VIEW).note == ""
    now_s[0] += 15.0
    assert reader.health(VIEW).note == "Looked at 30 s ago."


def test_what_changes_while_it_is_read_is_read_again():
    tries = iter([RuntimeError("changed"), RuntimeError("changed"), 7])

    def ask():
        found = next(tries)
        if isinstance(found, RuntimeError):
            raise found
        return found

    def never():
        raise RuntimeError

    assert told_whole(ask) == 7
    assert told_whole(never) is None


def test_streams_in_trouble_come_first(scene):
    scene.world.feed.healths = [
        stream("a@kline_1m"), stream("b@kline_1m", state=StreamState.SILENT, detail="overdue"),
    ]  # fmt: skip
    found = StreamsReader(scene.world.services).streams(VIEW).rows
    assert [(row.cells[0], row.tone) for row in found] == [
        ("b@kline_1m", "critical"), ("a@kline_1m", "good"),
    ]  # fmt: skip


def test_our_processes_are_listed_and_those_that_lack_are_named(tmp_path):
    with registered(tmp_path, Role.DASHBOARD, 8123):
        found = rows(ProcessReader(tmp_path).processes(VIEW))
    assert found["dashboard"].cells[1] == f"pid {os.getpid()}"
    assert found["dashboard"].cells[5] == "8123"
    assert (found["engine"].cells[1], found["engine"].tone) == ("not running", "critical")
    assert "simulator" not in found


def test_a_process_that_is_held_by_a_signal_does_not_look_well(tmp_path):
    with subprocess.Popen(["/bin/sleep", "60"]) as child:
        try:
            child.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, child.pid, os.WSTOPPED)
            identity = ProcessIdentity.of(child.pid)
            pid_file(tmp_path, Role.ENGINE).write_text(json.dumps(asdict(identity)))
            found = rows(ProcessReader(tmp_path).processes(VIEW))["engine"]
        finally:
            child.kill()
    assert found.cells[1] == f"pid {child.pid}, held by a stop signal"
    assert found.tone == "critical"


def test_the_size_of_the_journal_is_told_by_table(scene):
    scene.journal.record_decisions([decision()])
    reader = DatabaseReader(scene.home.database, lambda: SizeReader.open(scene.url))
    found = {row.cells[0]: row.cells[1] for row in reader.database(VIEW).rows}
    assert found["Rows of decisions"] == "about 1"
    assert found["Rows of signals"] == "0"
    assert found["Rows of control"] == "1"
    assert found["File"].endswith("kB")
    assert "no journal yet" in DatabaseReader(scene.home.database, missing).database(VIEW).note


def test_no_secret_of_the_configuration_is_ever_shown():
    loaded = settings(
        DEEPSEEK_API_KEY=KEY,
        DEEPSEEK_BASE_URL=f"http://someone:hush@localhost:9/{KEY}",
    )
    guarded = loaded.dashboard.model_copy(update={"token": SecretStr(TOKEN)})
    shown = dict(configuration(loaded.model_copy(update={"dashboard": guarded})))
    text = json.dumps(shown)
    assert not [secret for secret in (KEY, TOKEN, "hush") if secret in text]
    assert shown["deepseek.api_key"].endswith("set")
    assert shown["dashboard.password_hash"] == "not set"
    assert shown["signals.interval"] == loaded.signals.interval.value


def test_versions_name_the_program_python_and_packages(tmp_path):
    found = dict(versions())
    assert found["Python"].startswith("3.")
    assert found["dash"][0].isdigit()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("a" * 40)
    assert dict(versions(tmp_path))["This program"].endswith("a" * 12)


@pytest.mark.simulator
def test_a_backup_is_made_once_and_listed_with_what_came_of_it(scene):
    desk = BackupDesk(scene.home, settings(DEEPSEEK_API_KEY=KEY))
    assert desk.backups(VIEW).note == "There is no backup yet."

    async def scenario():
        assert desk.begin()
        assert not desk.begin()
        assert "being made" in desk.backups(VIEW).note
        while desk.is_busy:
            await asyncio.sleep(0.01)

    asyncio.run(scenario())
    found = desk.backups(VIEW)
    (row,) = found.rows
    assert row.cells[0].startswith("backup_")
    assert f"{row.cells[0]} was made" in found.note


def test_a_backup_needs_the_token_of_the_page(tmp_path):
    desk, token, app = BackupDesk(Home(tmp_path), settings()), ActionToken(), FastAPI()
    app.include_router(system_router(desk, token))
    assert post(app, "/system/backup", {}, "another")[0] == 403
    assert not desk.is_busy
    assert post(app, "/system/backup", {}, token.value)[0] == 202


def test_a_backup_that_cannot_be_made_says_why(tmp_path):
    (tmp_path / "backups").write_text("a file in the way")
    desk = BackupDesk(Home(tmp_path), settings())

    async def scenario():
        desk.begin()
        while desk.is_busy:
            await asyncio.sleep(0.01)

    asyncio.run(scenario())
    assert desk.backups(VIEW).note.startswith("No backup was made: ")


def test_ages_and_sizes_are_said_in_one_unit():
    assert [age_words(s) for s in (1.23, 45, 300, 10_000, 400_000)] == [
        "1.2 s", "45 s", "5 min", "2 h", "4 d",
    ]  # fmt: skip
    assert [bytes_words(n) for n in (5, 2048, 5e6, 3e9)] == ["5 B", "2.0 kB", "4.8 MB", "2.8 GB"]
