"""What is forgotten, and what never is."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.config.operations import RetentionSettings
from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.journal.retention import Retention
from core.model.alert import PRICE, Alert, Comparison
from core.model.chat import ChatMessage, ChatRole
from core.model.command import CommandState, PauseSymbol
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.verdict import Purpose, Spent
from tests.builders import START_MS
from tests.core.journal.builders import CALL, M15_MS, decision, hold, key, opened, reading, signal

DAY_MS = Interval.D1.duration_ms
PER_DAY = 96  # bars of 15 minutes


@pytest.fixture
def journal(tmp_path):
    return opened(tmp_path)


def count(tmp_path, table):
    overview = JournalOverview.open(database_url(tmp_path / "journal.db"))
    return overview.row_counts()[table]


def rows(tmp_path, sql):
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        return connection.execute(sql).fetchall()


def test_readings_older_than_a_week_of_feed_time_are_forgotten_and_nothing_else(tmp_path, journal):
    journal.add_readings(reading("supertrend", n * PER_DAY) for n in range(10))
    journal.record_evaluation(decision(), signal=signal())
    assert journal.prune(START_MS + 9 * DAY_MS) == 2
    left = rows(tmp_path, "SELECT min(at_ms) FROM feature_telemetry")
    assert left == [(START_MS + 2 * DAY_MS,)]
    assert count(tmp_path, "decisions") == 1


def test_a_configuration_that_says_nothing_keeps_what_the_journal_keeps_by_itself():
    assert Retention.configured(RetentionSettings()) == Retention()


def test_as_many_days_are_kept_as_are_configured(tmp_path, journal):
    journal.add_readings(reading("supertrend", n) for n in range(10))
    now_ms = START_MS + 2 * DAY_MS
    assert journal.prune(now_ms, Retention.configured(RetentionSettings(telemetry_days=3))) == 0
    assert journal.prune(now_ms, Retention.configured(RetentionSettings(telemetry_days=1))) == 10
    assert count(tmp_path, "feature_telemetry") == 0


def test_only_so_many_readings_are_kept_the_newest(tmp_path, journal):
    journal.add_readings(reading("supertrend", n) for n in range(10))
    few = Retention(most_readings=4)
    assert journal.prune(START_MS + M15_MS, few) == 6
    assert journal.prune(START_MS + M15_MS, few) == 0
    assert rows(tmp_path, "SELECT count(*), min(at_ms) FROM feature_telemetry") == [
        (4, START_MS + 6 * M15_MS)
    ]


def test_decisions_and_signals_go_after_ninety_days_but_trades_and_equity_never(tmp_path, journal):
    for n in range(3):
        at = key(n * PER_DAY)
        journal.record_evaluation(decision(at), signal=signal(at))
    journal.add_equity([EquityPoint(START_MS, 1.0, 1.0, 0.0)])
    # The first closed 15 minutes and 42 ms after its day began.
    assert journal.prune(START_MS + 91 * DAY_MS) == 1 + 1
    assert count(tmp_path, "decisions") == 2
    assert journal.prune(START_MS + 5_000 * DAY_MS) == 2 + 2
    assert [count(tmp_path, name) for name in ("signals", "trades", "equity")] == [0, 3, 1]


def test_more_rows_than_one_transaction_takes_are_all_forgotten(tmp_path, journal):
    journal.record_decisions(hold(key(n)) for n in range(1_100))
    assert journal.prune(START_MS + 200 * DAY_MS) == 1_100
    assert count(tmp_path, "decisions") == 0


def test_prompt_and_answer_are_emptied_after_thirty_days_and_the_price_stays(tmp_path, journal):
    for n in (0, 5):
        journal.record_evaluation(decision(key(n * PER_DAY)), calls=[CALL, CALL])
    now_ms = START_MS + 31 * DAY_MS
    assert journal.prune(now_ms) == 2
    assert journal.prune(now_ms) == 0
    reader = JournalReader.open(database_url(tmp_path / "journal.db"))
    emptied = replace(CALL, prompt="", answer="")
    assert reader.calls_of(key()) == (emptied, emptied)
    assert reader.calls_of(key(5 * PER_DAY)) == (CALL, CALL)
    assert reader.spent(Purpose.DECISION, 0) == Spent(pytest.approx(4 * CALL.cost_usd), 4)


def test_an_emptied_call_is_not_looked_at_again(tmp_path, journal):
    journal.record_evaluation(decision(), calls=[CALL])
    plan = rows(
        tmp_path,
        "EXPLAIN QUERY PLAN SELECT id FROM llm_calls "
        "WHERE prompt <> '' AND created_at < '2026-01-01 00:00:00' LIMIT 500",
    )
    assert "llm_calls_whole_by_created_at" in plan[0][3]


def test_talk_is_forgotten_after_a_year(journal, tmp_path):
    said = [ChatMessage(ChatRole.USER, "why?", START_MS + n * DAY_MS) for n in range(2)]
    for message in said:
        journal.add_chat_message(message)
    assert journal.prune(START_MS + 366 * DAY_MS) == 1
    reader = JournalReader.open(database_url(tmp_path / "journal.db"))
    assert reader.chat_messages() == (said[1],)


def test_answered_commands_and_retired_alerts_go_after_a_year_but_none_that_waits(
    tmp_path, journal
):
    ask = PauseSymbol("BTCUSDT")
    price = Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, 101.0)
    for at_ms in (START_MS, START_MS, START_MS + 400 * DAY_MS, 0):
        number = journal.add_command(ask, who="a test", at_ms=at_ms)
        effects = Effects(new_alert=price, added_ms=at_ms)
        journal.settle_command(number, CommandState.DONE, "", effects)
    waits = journal.add_command(ask, who="a test", at_ms=START_MS)
    retired = journal.add_command(ask, who="a test", at_ms=START_MS + 400 * DAY_MS)
    journal.settle_command(retired, CommandState.DONE, "", Effects(removed_alert=1))
    assert journal.prune(START_MS + 401 * DAY_MS) == 3
    left = [n for (n,) in rows(tmp_path, "SELECT id FROM commands ORDER BY id")]
    assert left == [3, 4, waits, retired]
    assert rows(tmp_path, "SELECT id FROM alerts ORDER BY id") == [(2,), (3,), (4,)]
