"""What was asked of the model, what it cost, and the talk with people."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.reader import JournalReader
from core.model.chat import ChatMessage, ChatRole
from core.model.intervals import Interval
from core.model.verdict import Purpose, Spent
from tests.builders import START_MS
from tests.core.journal.builders import CALL, decision, hold, key, opened

ASKED_MS = CALL.asked_ms
TALK = replace(CALL, purpose=Purpose.CHAT, prompt_sha256="c" * 64, cost_usd=0.5)


@pytest.fixture
def journal(tmp_path):
    return opened(tmp_path)


@pytest.fixture
def reader(tmp_path, journal):
    return JournalReader.open(database_url(tmp_path / "journal.db"))


def test_a_budget_counts_what_was_sent_since_an_instant_of_this_machines_clock(journal, reader):
    assert reader.spent(Purpose.DECISION, 0) == Spent()
    attempts = [
        replace(CALL, cost_usd=1.0, asked_ms=ASKED_MS - 1),
        replace(CALL, cost_usd=0.25, asked_ms=ASKED_MS),
        replace(CALL, cost_usd=0.5, asked_ms=ASKED_MS + 5, attempt=2),
        replace(CALL, cost_usd=0.0, asked_ms=ASKED_MS + 9, cached=True),
    ]
    journal.record_evaluation(decision(), calls=attempts)
    journal.add_calls([TALK], at_ms=START_MS)
    assert reader.spent(Purpose.DECISION, ASKED_MS) == Spent(0.75, 2)
    assert reader.spent(Purpose.DECISION, 0) == Spent(1.75, 3)
    assert reader.spent(Purpose.CHAT, ASKED_MS) == Spent(0.5, 1)


def test_calls_without_a_decision_name_the_market_where_there_is_one(tmp_path, journal):
    journal.add_calls([TALK], symbol="BTCUSDT", interval=Interval.M15, at_ms=1_795_231_800_999)
    journal.add_calls([TALK], at_ms=1_795_231_800_999)
    journal.add_calls([], at_ms=1)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        found = connection.execute(
            "SELECT created_at, recorded_at, purpose, symbol, interval, open_time_ms FROM llm_calls"
        ).fetchall()
    when = ("2026-11-21 03:30:00", "2027-01-15 08:00:00", "chat")
    assert found == [(*when, "BTCUSDT", "15m", None), (*when, None, None, None)]


def test_answers_are_the_last_that_came_to_each_prompt_for_a_decision(journal, reader):
    def answered(sha256, answer):
        return replace(CALL, prompt_sha256=sha256, answer=answer)

    journal.record_evaluation(
        hold(), calls=[answered("a", "prose"), answered("a", "{}"), answered("b", "whole")]
    )
    journal.record_evaluation(hold(key(1)), calls=[answered("c", "half"), answered("c", "")])
    journal.record_evaluation(hold(key(1, "ETHUSDT")), calls=[answered("d", "other")])
    journal.add_calls([replace(TALK, answer="talk")], at_ms=START_MS)
    assert reader.answers() == {"a": "{}", "b": "whole", "d": "other"}
    assert reader.answers("BTCUSDT") == {"a": "{}", "b": "whole"}


def test_the_newest_messages_come_oldest_first(journal, reader):
    assert reader.chat_messages() == ()
    asked = ChatMessage(ChatRole.USER, "<b>why?</b>", START_MS, "BTCUSDT", Interval.M15)
    cut = ChatMessage(
        ChatRole.ASSISTANT,
        "Because",
        START_MS + 9,
        complete=False,
        error="cut_off",
        prompt_sha256="c" * 64,
    )
    again = replace(asked, text="and now?", at_ms=START_MS + 10)
    assert [journal.add_chat_message(one) for one in (asked, cut, again)] == [1, 2, 3]
    assert reader.chat_messages() == (asked, cut, again)
    assert reader.chat_messages(limit=2) == (cut, again)
