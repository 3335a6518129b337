import asyncio

import pytest

from core.decision_book import LATEST_ROW_S, DecisionBook
from core.engine_tallies import EngineTallies
from core.model.evaluation import Exit
from core.model.intervals import Interval
from core.model.signal import Outcome
from core.model.source import SHADOWS, Source
from core.model.trade import ExitReason, TradeStatus
from tests.builders import candles
from tests.core.decision_scene import (
    SYMBOL,
    AtOnceWriter,
    BookJournal,
    at,
    evaluation,
    signal,
    update,
)
from tests.core.paper_scene import FakeStore, desk_over, pending

DAY_MS = Interval.D1.duration_ms


class Office:
    """A book over a journal; the clock stands still until it is moved."""

    def __init__(self, *trades):
        self.journal = BookJournal(*trades)
        self.now_s = 0.0
        self.restarted()

    def restarted(self):
        self.writer = AtOnceWriter()
        self.tallies = EngineTallies()
        self.desk = desk_over(self.journal, FakeStore(candles([100.0] * 200)))
        self.book = DecisionBook(
            self.journal,
            self.journal,
            self.writer,
            self.desk,
            strategy="rules-1",
            interval=Interval.M1,
            kept_ms=DAY_MS,
            monotonic=lambda: self.now_s,
            tallies=self.tallies,
        )
        self.book.recover()
        return self

    def account(self, source=Source.RULES):
        return self.book.account(source, at(2), equity=1.0, positions={}, last_exits={})

    def outcomes(self):
        rows = sorted(self.journal.rows, key=lambda row: row.key.open_time_ms)
        return [(row.key.open_time_ms, row.outcome) for row in rows]


@pytest.fixture
def office():
    return Office()


def test_a_place_that_is_taken_counts_at_once_and_can_be_given_back(office):
    taken = signal()
    office.book.reserve([taken])
    assert office.account().signals_last_hour == 1
    assert office.account().positions[SYMBOL].notional == 200.0
    assert office.account(Source.RANDOM).positions == {}
    office.book.release([taken])
    assert office.account().signals_last_hour == 0
    assert office.account().positions == {}
    office.book.release([taken])  # as often as one likes


def test_a_row_that_is_written_makes_the_place_a_trade(office):
    shadow = signal()
    office.book.reserve([shadow])
    asyncio.run(office.book.record(evaluation(shadows=[shadow])))
    assert office.account().positions == {}, "the desk has it now"
    assert office.account().signals_last_hour == 1
    assert office.desk.positions(Source.RULES, {}).keys() == {SYMBOL}


def test_a_key_that_is_known_gives_the_places_back_and_doubles_no_trade(office):
    for _ in range(2):
        shadow = signal()
        office.book.reserve([shadow])
        asyncio.run(office.book.record(evaluation(shadows=[shadow])))
    assert len(office.journal.trades) == len(office.journal.rows) == 1
    assert office.account().signals_last_hour == 1


def test_an_exit_is_not_lost_while_the_row_of_the_entry_waits(office):
    shadow = signal(bar=0)

    async def scenario():
        office.book.reserve([shadow])
        leaving = [Exit(Source.RULES, ExitReason.OPPOSITE)]
        await office.book.leave(SYMBOL, leaving, at(2) + 400)
        await office.book.leave(SYMBOL, leaving, at(3) + 400)  # the first one stands
        await office.book.record(evaluation(shadows=[shadow]))
        await office.desk.walk(SYMBOL, at(9))

    asyncio.run(scenario())
    (trade,) = office.journal.trades.values()
    assert trade.exit_reason is ExitReason.OPPOSITE
    assert trade.exit_ms == at(3)


def test_an_exit_of_a_trade_that_has_its_row_is_asked_for_at_once(office):
    shadow = signal()

    async def scenario():
        office.book.reserve([shadow])
        await office.book.record(evaluation(shadows=[shadow]))
        await office.desk.walk(SYMBOL, at(2))
        await office.book.leave(SYMBOL, [Exit(Source.RULES, ExitReason.OPPOSITE)], at(3) + 400)
        await office.desk.walk(SYMBOL, at(9))

    asyncio.run(scenario())
    assert [trade.exit_ms for trade in office.journal.trades.values()] == [at(4)]


def test_an_exit_of_an_entry_that_came_to_nothing_is_forgotten(office):
    dropped, later = signal(bar=0), signal(bar=5)

    async def scenario():
        office.book.reserve([dropped])
        await office.book.leave(SYMBOL, [Exit(Source.RULES, ExitReason.OPPOSITE)], at(2))
        office.book.release([dropped])
        office.book.reserve([later])
        await office.book.record(evaluation(bar=5, shadows=[later]))

    asyncio.run(scenario())
    assert [trade.close_ms for trade in office.journal.trades.values()] == [None]


def test_a_row_that_comes_too_late_says_so_of_every_account(office):
    shadow, entered = signal(), signal(source=Source.POLICY)

    async def scenario():
        office.book.reserve([entered, shadow])
        office.writer.room.clear()
        writing = asyncio.ensure_future(
            office.book.record(evaluation(entered=entered, shadows=[shadow]))
        )
        await asyncio.sleep(0)
        office.now_s = LATEST_ROW_S + 1.0
        office.writer.room.set()
        await writing

    asyncio.run(scenario())
    (row,) = office.journal.rows
    assert row.outcome is Outcome.STALE
    assert "in time" in row.shadows[Source.RULES]
    assert not row.shadows[Source.RULES].startswith("signal")
    assert office.journal.trades == {}
    assert (
        office.account().signals_last_hour == office.account(Source.POLICY).signals_last_hour == 0
    )


@pytest.mark.parametrize("source", SHADOWS)
def test_entries_whose_fill_was_refused_count_after_a_restart_as_before_it(source):
    refused = pending(1, source=source, status=TradeStatus.REFUSED, decided_ms=at(1))
    closed = pending(2, source=source, status=TradeStatus.CLOSED, exit_ms=at(2), pnl=1.0)
    office = Office(refused, closed, pending(3, source=source))
    assert office.account(source).signals_last_hour == 3


def test_a_question_that_is_open_at_the_end_leaves_a_row_and_its_shadows_their_trades(office):
    shadow = signal()

    async def scenario():
        office.book.reserve([shadow])
        await office.book.leave(SYMBOL, [Exit(Source.RULES, ExitReason.OPPOSITE)], at(3))
        await office.book.record_unanswered(evaluation(shadows=[shadow]))

    asyncio.run(scenario())
    assert office.outcomes() == [(at(0), Outcome.ENGINE_DOWN)]
    assert [trade.close_ms for trade in office.journal.trades.values()] == [at(3)]


def test_an_end_does_not_wait_for_a_journal_that_cannot_be_written(office):
    async def scenario():
        office.writer.room.clear()
        async with asyncio.timeout(60):
            await office.book.record_unanswered(evaluation())

    asyncio.run(scenario())
    assert office.journal.rows == []


def test_a_bar_whose_question_was_killed_has_its_row_at_the_next_start(office):
    for bar in (0, 1, 2, 4, 5):  # a later bar found the analyst busy
        asyncio.run(office.book.record(evaluation(bar)))
    asyncio.run(office.restarted().book.record_missed(update(8)))
    down = [time_ms for time_ms, outcome in office.outcomes() if outcome is Outcome.ENGINE_DOWN]
    assert down == [at(3), at(6), at(7)]


def test_a_break_of_a_market_is_not_taken_for_a_question(office):
    for bar in (0, 1, 5, 6):
        asyncio.run(office.book.record(evaluation(bar)))
    asyncio.run(office.restarted().book.record_missed(update(7)))
    assert [outcome for _, outcome in office.outcomes()] == [Outcome.HOLD] * 4


def test_before_the_first_row_of_all_nothing_was_missed(office):
    asyncio.run(office.book.record_missed(update(8)))
    assert office.journal.rows == []


def test_each_row_is_counted_once_by_its_outcome(office):
    for _ in range(2):
        asyncio.run(office.book.record(evaluation(shadows=[])))
    asyncio.run(office.book.record_unfit(update(5), at(5), "too late"))
    outcomes = office.tallies.outcomes()
    assert sum(outcomes.values()) == len(office.journal.rows) == 2
    assert outcomes[Outcome.STALE] == 1
