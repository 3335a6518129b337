"""A restart of the feed is asked for by a growing number, and believed when reported."""

import json

import pytest
import typer

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import RESTART_FEED, EngineReport
from ops.commands.restart_feed import EXIT_NOT_RUNNING, restart_feed_command
from ops.feed_restart import await_restart, request_restart
from tests.builders import home as made_home
from tests.core.journal.empty_journal import ready


@pytest.fixture
def home(tmp_path) -> Home:
    return made_home(tmp_path)


@pytest.fixture
def journal(home):
    opened = Journal.open(ready(home.database))
    yield opened
    opened.close()


def report(feed_restart: int) -> str:
    return EngineReport(
        beats=1,
        feed_state="LIVE",
        feed_age_s=0.1,
        market_time_ms=1,
        analyst="",
        equity=1.0,
        open_trades=0,
        feed_restart=feed_restart,
    ).to_json()


def test_each_request_has_a_higher_number_than_the_one_before(home, journal):
    assert [request_restart(home, clock_ms=lambda: 5) for _ in range(3)] == [1, 2, 3]
    assert JournalReader.open(database_url(home.database)).control(RESTART_FEED) == "3"


def test_a_value_that_is_no_number_is_replaced(home, journal):
    journal.set_control(RESTART_FEED, "x", 1)
    assert request_restart(home) == 1


def test_without_a_journal_there_is_nothing_to_ask(home):
    with pytest.raises(MissingJournalError):
        request_restart(home)


def test_it_is_confirmed_when_the_engine_reports_that_number_or_a_later_one(home, journal):
    journal.set_control("engine", report(3), 1)
    assert await_restart(home, 2)


def test_a_report_of_an_older_engine_counts_as_no_restart(home, journal):
    old = json.loads(report(0))
    del old["feed_restart"]
    assert EngineReport.from_json(json.dumps(old)).feed_restart == 0


def test_the_command_says_with_status_3_that_no_engine_runs(home, monkeypatch, capsys):
    monkeypatch.setenv("TRADING_HOME", str(home.root))
    with pytest.raises(typer.Exit) as ended:
        restart_feed_command()
    assert ended.value.exit_code == EXIT_NOT_RUNNING
    assert "No engine runs" in capsys.readouterr().err
