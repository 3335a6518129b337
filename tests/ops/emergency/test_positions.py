"""Positions are closed as of the engine's last word, in the accounts that people mean."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import SignalKey
from core.model.source import Source
from core.model.trade import ExitReason
from ops.emergency.positions import close_positions
from tests.builders import START_MS
from tests.core.journal.builders import decision, signal


@pytest.fixture
def url(tmp_path):
    return database_url(tmp_path / "trading_signals.db")


@pytest.fixture
def journal(url):
    opened = Journal.open(url)
    yield opened
    opened.close()


def enter(journal):
    key = SignalKey("BTCUSDT", Interval.M15, START_MS, "strategy")
    known = signal(key)
    shadow = replace(known, source=Source.RULES)
    journal.record_evaluation(decision(key), signal=known, shadows=[shadow])


def report(market_time_ms):
    return EngineReport(
        beats=1,
        feed_state="LIVE",
        feed_age_s=0.1,
        market_time_ms=market_time_ms,
        analyst="",
        equity=1.0,
        open_trades=1,
    ).to_json()


def test_the_account_that_is_traded_is_closed_and_shadows_go_on(journal, url):
    enter(journal)
    told_ms = START_MS + 20 * MINUTE_MS
    journal.set_control("engine", report(told_ms), 1)
    assert "BTCUSDT" in close_positions(url)
    traded, shadow = JournalReader.open(url).open_trades()
    assert (traded.close_ms, traded.close_reason) == (told_ms, ExitReason.BY_HAND)
    assert (shadow.source, shadow.close_ms) == (Source.RULES, None)


def test_without_a_last_word_the_newest_minute_that_was_walked_counts(journal, url):
    enter(journal)
    (before, _) = JournalReader.open(url).open_trades()
    close_positions(url)
    (after, _) = JournalReader.open(url).open_trades()
    assert after.close_ms == before.last_bar_ms + MINUTE_MS


def test_without_a_journal_or_a_position_there_is_nothing_to_close(tmp_path, journal, url):
    assert close_positions(url) == "none is open"
    assert "no journal" in close_positions(database_url(tmp_path / "other.db"))
