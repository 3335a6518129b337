"""Positions are closed as of now, in the accounts that people mean."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import SignalKey
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from ops.emergency.positions import close_positions
from tests.builders import START_MS
from tests.core.journal.builders import decision, signal
from tests.core.journal.empty_journal import ready


@pytest.fixture
def url(tmp_path):
    return database_url(tmp_path / "trading_signals.db")


@pytest.fixture
def journal(url):
    opened = Journal.open(ready(url))
    yield opened
    opened.close()


def enter(journal):
    key = SignalKey("BTCUSDT", Interval.M15, START_MS, "strategy")
    known = signal(key)
    shadow = replace(known, source=Source.RULES)
    journal.record_evaluation(decision(key), signal=known, shadows=[shadow])


def report(market_time_ms, feed_age_s=0.0, **more):
    return EngineReport(
        beats=1,
        feed_state="LIVE",
        feed_age_s=feed_age_s,
        market_time_ms=market_time_ms,
        analyst="",
        equity=1.0,
        open_trades=1,
        **more,
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
    journal.save_trades([replace(before, status=TradeStatus.OPEN, entry_price=100.0)])
    close_positions(url)
    (after, _) = JournalReader.open(url).open_trades()
    assert after.close_ms == before.last_bar_ms + MINUTE_MS


def test_without_a_journal_or_a_position_there_is_nothing_to_close(tmp_path, journal, url):
    assert close_positions(url) == "none is open"
    assert "no journal" in close_positions(database_url(tmp_path / "other.db"))


def test_after_an_hour_of_silence_nothing_is_sold_at_the_prices_of_an_hour_ago(journal, url):
    enter(journal)
    told_ms, silent_ms = START_MS + 20 * MINUTE_MS, 60 * MINUTE_MS
    journal.set_control("engine", report(told_ms, told_ms=5_000, feed_age_s=30.0), 1)
    close_positions(url, clock_ms=lambda: 5_000 + silent_ms)
    traded, _ = JournalReader.open(url).open_trades()
    assert traded.close_ms == told_ms + silent_ms + 30_000


def test_a_clock_that_was_put_back_dates_nothing_before_the_last_word(journal, url):
    enter(journal)
    told_ms = START_MS + 20 * MINUTE_MS
    journal.set_control("engine", report(told_ms, told_ms=5_000), 1)
    close_positions(url, clock_ms=lambda: 1_000)
    traded, _ = JournalReader.open(url).open_trades()
    assert traded.close_ms == told_ms


def test_what_has_not_entered_yet_is_withdrawn(journal, url):
    enter(journal)
    traded, _ = JournalReader.open(url).open_trades()
    journal.set_control("engine", report(traded.decided_ms, told_ms=5_000), 1)
    close_positions(url, clock_ms=lambda: 5_000)
    withdrawn = JournalReader.open(url).trade(traded.id)
    assert (withdrawn.status, withdrawn.exit_reason) == (TradeStatus.REFUSED, ExitReason.BY_HAND)
