"""Rows hold everything of the values they come from."""

from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from core.journal.database import database_url
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.journal.records import utc_text
from core.journal.tables import FEATURE_TELEMETRY, LLM_CALLS, REGIMES, TRADES
from core.model.regime import RegimeChange
from core.model.signal import (
    Decision,
    Direction,
    Outcome,
    RuleVerdict,
    Strength,
    Vote,
)
from core.model.telemetry import Reading
from core.model.trade import ExitReason, Trade, TradeStatus
from core.model.verdict import LlmCall
from tests.core.journal.builders import key, opened

instants = st.integers(0, 4_000_000_000_000)
numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=20)
maybe = st.one_of(st.none(), numbers)
votes = st.builds(Vote, words, st.floats(-1, 1), st.floats(0, 1), words)
rules = st.builds(
    RuleVerdict,
    st.sampled_from(Direction),
    st.sampled_from(Strength),
    numbers,
    numbers,
    st.lists(votes, max_size=3).map(tuple),
    maybe,
    maybe,
)
decisions = st.builds(
    Decision,
    st.builds(key, st.integers(0, 10_000), words, words),
    st.sampled_from(Outcome),
    words,
    instants,
    instants,
    maybe,
    st.one_of(st.none(), st.dictionaries(words, numbers, max_size=4)),
    st.lists(words, max_size=3).map(tuple),
    st.one_of(st.none(), rules),
    words,
)
trades = st.builds(
    Trade,
    st.integers(1, 2**31 - 1),
    words,
    st.sampled_from([Direction.LONG, Direction.SHORT]),
    st.sampled_from(TradeStatus),
    numbers,
    instants,
    numbers,
    numbers,
    instants,
    st.one_of(st.none(), instants),
    maybe,
    st.one_of(st.none(), instants),
    maybe,
    st.one_of(st.none(), st.sampled_from(ExitReason)),
    numbers,
    maybe,
    maybe,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(decisions, max_size=4, unique_by=lambda made: made.key))
def test_any_decision_comes_back_exactly_as_it_was(made):
    with TemporaryDirectory() as folder:
        journal = opened(Path(folder))
        for one in made:
            journal.record_evaluation(one)
        overview = JournalOverview.open(database_url(Path(folder) / "journal.db"))
        assert overview.recent_decisions() == tuple(reversed(made))
        journal.checkpoint_and_close()


@settings(max_examples=25, deadline=None)
@given(st.lists(trades, max_size=4, unique_by=lambda made: made.signal_id))
def test_any_trade_comes_back_exactly_as_it_was(made):
    with TemporaryDirectory() as folder:
        journal = opened(Path(folder))
        journal.save_trades(made)
        reader = JournalReader.open(database_url(Path(folder) / "journal.db"))
        assert [reader.trade(one.signal_id) for one in made] == made
        journal.checkpoint_and_close()


def test_every_field_of_a_kept_type_has_a_column():
    kept = (
        (Trade, TRADES),
        (LlmCall, LLM_CALLS),
        (Reading, FEATURE_TELEMETRY),
        (RegimeChange, REGIMES),
    )
    for kind, table in kept:
        assert {field.name for field in fields(kind)} <= set(table.columns.keys())


def test_utc_text_is_what_sqlite_writes():
    assert utc_text(0) == "1970-01-01 00:00:00"
    assert utc_text(1_795_231_800_999) == "2026-11-21 03:30:00"
