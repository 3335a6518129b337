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
from core.journal.tables import (
    CHAT_MESSAGES,
    DECISIONS,
    EQUITY,
    FEATURE_TELEMETRY,
    LLM_CALLS,
    REGIMES,
    SIGNALS,
    TRADES,
)
from core.model.chat import ChatMessage, ChatRole
from core.model.condition import Condition, Side
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.regime import RegimeChange
from core.model.signal import (
    Decision,
    Direction,
    Layer,
    Outcome,
    RuleVerdict,
    Signal,
    Strength,
    Vote,
)
from core.model.source import Source
from core.model.telemetry import Reading
from core.model.trade import ExitReason, Trade, TradeStatus
from core.model.verdict import Check, LlmCall, Purpose
from tests.core.journal.builders import hold, key, opened

instants = st.integers(0, 4_000_000_000_000)
numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=20)
maybe = st.one_of(st.none(), numbers)
prices = st.floats(1e-9, 1e9, allow_nan=False)
conditions = st.lists(
    st.builds(Condition, st.sampled_from(Side), prices, st.sampled_from(Interval)), max_size=2
).map(tuple)
layers = st.sampled_from(Layer)
votes = st.builds(Vote, words, st.floats(-1, 1), st.floats(0, 1), words, layers)
rules = st.builds(
    RuleVerdict,
    st.sampled_from(Direction),
    st.sampled_from(Strength),
    numbers,
    numbers,
    st.lists(votes, max_size=3).map(tuple),
    maybe,
    maybe,
    maybe,
    conditions,
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
    words,
    maybe,
    st.dictionaries(st.sampled_from(Source), words, max_size=3),
)
reasons = st.one_of(st.none(), st.sampled_from(ExitReason))
calls = st.builds(
    LlmCall,
    prompt=words,
    prompt_sha256=words,
    answer=words,
    model=words,
    prompt_tokens=st.integers(0, 10**6),
    cache_hit_tokens=st.integers(0, 10**6),
    completion_tokens=st.integers(0, 10**6),
    cost_usd=numbers,
    latency_ms=st.integers(0, 10**6),
    asked_ms=instants,
    verdict=words,
    checks=st.lists(st.builds(Check, words, numbers, maybe, st.booleans()), max_size=2).map(tuple),
    attempt=st.integers(1, 9),
    cached=st.booleans(),
    purpose=st.sampled_from(Purpose),
)
messages = st.builds(
    ChatMessage,
    st.sampled_from(ChatRole),
    words,
    instants,
    words,
    st.one_of(st.none(), st.sampled_from(Interval)),
    st.booleans(),
    words,
    words,
)
trades = st.builds(
    Trade,
    id=st.integers(1, 2**31 - 1),
    symbol=words,
    direction=st.sampled_from([Direction.LONG, Direction.SHORT]),
    status=st.sampled_from(TradeStatus),
    quantity=numbers,
    decided_ms=instants,
    stop=numbers,
    target=numbers,
    last_bar_ms=instants,
    source=st.sampled_from(Source),
    signal_id=st.one_of(st.none(), st.integers(1, 2**31 - 1)),
    confidence=numbers,
    invalidation=conditions,
    expires_ms=st.one_of(st.none(), instants),
    close_ms=st.one_of(st.none(), instants),
    close_reason=reasons,
    entry_ms=st.one_of(st.none(), instants),
    entry_price=maybe,
    exit_ms=st.one_of(st.none(), instants),
    exit_price=maybe,
    exit_reason=reasons,
    fees=numbers,
    funding=numbers,
    funding_ms=st.one_of(st.none(), instants),
    pnl=maybe,
    r_multiple=maybe,
)


@settings(max_examples=12, deadline=None)
@given(st.lists(decisions, max_size=4, unique_by=lambda made: made.key))
def test_any_decision_comes_back_exactly_as_it_was(made):
    with TemporaryDirectory() as folder:
        journal = opened(Path(folder))
        for one in made:
            journal.record_evaluation(one)
        overview = JournalOverview.open(database_url(Path(folder) / "journal.db"))
        assert overview.recent_decisions() == tuple(reversed(made))
        journal.checkpoint_and_close()


@settings(max_examples=12, deadline=None)
@given(st.lists(trades, max_size=4, unique_by=lambda made: made.id))
def test_any_trade_comes_back_exactly_as_it_was(made):
    with TemporaryDirectory() as folder:
        journal = opened(Path(folder))
        journal.save_trades(made)
        reader = JournalReader.open(database_url(Path(folder) / "journal.db"))
        assert [reader.trade(one.id) for one in made] == made
        journal.checkpoint_and_close()


@settings(max_examples=8, deadline=None)
@given(st.lists(calls, max_size=3), st.lists(messages, max_size=3))
def test_any_call_and_any_message_comes_back_exactly_as_it_was(asked, said):
    with TemporaryDirectory() as folder:
        journal = opened(Path(folder))
        journal.record_evaluation(hold(), calls=asked)
        for one in said:
            journal.add_chat_message(one)
        reader = JournalReader.open(database_url(Path(folder) / "journal.db"))
        assert reader.calls_of(key()) == tuple(asked)
        assert reader.chat_messages() == tuple(said)
        journal.checkpoint_and_close()


def test_every_field_of_a_kept_type_has_a_column():
    kept = (
        (Trade, TRADES),
        (LlmCall, LLM_CALLS),
        (Reading, FEATURE_TELEMETRY),
        (RegimeChange, REGIMES),
        (EquityPoint, EQUITY),
        (ChatMessage, CHAT_MESSAGES),
    )
    for kind, table in kept:
        assert {field.name for field in fields(kind)} <= set(table.columns.keys())
    # Of these some are told by other columns.
    signal = {field.name for field in fields(Signal)} - {"key", "reference_price", "source"}
    assert signal <= set(SIGNALS.columns.keys())
    decision = {field.name for field in fields(Decision)} - {"key", "rules"}
    assert decision <= set(DECISIONS.columns.keys())


def test_utc_text_is_what_sqlite_writes():
    assert utc_text(0) == "1970-01-01 00:00:00"
    assert utc_text(1_795_231_800_999) == "2026-11-21 03:30:00"
