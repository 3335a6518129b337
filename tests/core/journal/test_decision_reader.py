"""The story of one evaluation."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from core.journal.database import database_url
from core.journal.decision_reader import DecisionReader
from core.model.intervals import Interval
from core.model.signal import Outcome
from core.model.source import Source
from tests.core.journal.builders import CALL, decision, hold, key, opened, shadow, signal


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """Three bars of BTCUSDT and one of ETHUSDT; the second bar is the one that was traded."""
    home = tmp_path_factory.mktemp("stories")
    journal = opened(home)
    journal.record_decisions([decision(key(0), Outcome.HOLD)])
    old = replace(CALL, asked_ms=CALL.asked_ms - 3 * 3_600_000, verdict="another day")
    journal.record_evaluation(
        decision(key(1)), signal=signal(key(1)), shadows=[shadow(key(1))], calls=[CALL, old]
    )
    journal.record_decisions([hold(key(2)), decision(key(5, "ETHUSDT"), Outcome.REFUSED)])
    journal.close()
    return DecisionReader.open(database_url(home / "journal.db"))


def test_the_latest_evaluation_is_that_of_the_newest_bar_of_a_symbol(reader):
    assert reader.story(reader.latest("BTCUSDT", Interval.M15)).decision.key == key(2)
    assert reader.latest("BTCUSDT", Interval.H1) is None
    assert reader.latest("SOLUSDT", Interval.M15) is None


def test_a_story_holds_signal_questions_and_the_trades_of_every_account(reader):
    story = reader.story(reader.of_signal(1))
    assert story.decision == decision(key(1))
    assert story.signal == signal(key(1))
    assert {trade.source for trade in story.trades} == {Source.POLICY, Source.RULES}
    assert story.trade.source is Source.POLICY
    assert story.trades == reader.trades_on(key(1))
    assert story.calls == (CALL,)  # what was asked hours before belongs to another recording


def test_what_led_to_nothing_has_neither_signal_nor_trade(reader):
    story = reader.story(reader.latest("ETHUSDT", Interval.M15))
    assert (story.signal, story.calls, story.trades, story.trade) == (None, (), (), None)


def test_what_is_not_there_is_none(reader):
    assert reader.story(99) is None
    assert reader.of_signal(99) is None


def test_lines_come_newest_first_without_what_is_large(reader):
    lines = reader.lines(3)
    assert [(line.key.symbol, line.outcome) for line in lines] == [
        ("ETHUSDT", Outcome.REFUSED),
        ("BTCUSDT", Outcome.NOT_READY),
        ("BTCUSDT", Outcome.SIGNAL),
    ]
    assert lines[1].direction is None
    assert (lines[2].score, lines[2].confidence, lines[2].analyst) == (0.6, 66.5, "LONG 70")


def test_no_query_walks_through_a_table(reader):
    """Each statement of a story finds its rows by an index."""
    seen = []

    @event.listens_for(reader._engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    reader.latest("BTCUSDT", Interval.M15)
    reader.story(reader.of_signal(1))
    event.remove(reader._engine, "before_cursor_execute", note)
    assert len(seen) >= 7
    with reader._engine.connect() as connection:
        for statement, parameters in seen:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            assert not [row for row in plan.all() if row[3].startswith("SCAN")], statement
