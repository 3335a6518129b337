import asyncio
from dataclasses import dataclass, field

import pytest

from core.model.evaluation import Evaluation
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.signal import Decision, Outcome, SignalKey
from core.regime_book import RegimeBook

STEP = Interval.M15.duration_ms


@dataclass
class FakeJournal:
    """Keeps changes, and hands back the newest of each market as after a restart."""

    written: list = field(default_factory=list)
    full: bool = False

    def add_regime(self, change):
        self.written.append(change)

    def regimes(self):
        return {(change.symbol, change.interval): change for change in self.written}

    async def offer(self, method, *arguments):
        if not self.full:
            method(*arguments)


@pytest.fixture
def journal():
    return FakeJournal()


def book_on(journal):
    book = RegimeBook(journal, journal, offer=journal.offer, interval=Interval.M15)
    book.recover()
    return book


def note(book, bar, regime, symbol="BTCUSDT"):
    key = SignalKey(symbol, Interval.M15, bar * STEP, "0" * 12)
    closed_ms = (bar + 1) * STEP
    decision = Decision(
        key=key, outcome=Outcome.HOLD, reason="", closed_ms=closed_ms, decided_ms=closed_ms
    )
    asyncio.run(book.record(Evaluation(decision, None, None, (), regime)))


def change(bar, regime, symbol="BTCUSDT", interval=Interval.M15):
    end_ms = bar * STEP + STEP - 1
    return RegimeChange(symbol, interval, regime, bar * STEP, end_ms)


def test_only_changes_are_written_and_each_is_known_at_the_close_of_its_candle(journal):
    book = book_on(journal)
    for bar, regime in enumerate([Regime.QUIET, Regime.QUIET, Regime.RANGE, Regime.QUIET]):
        note(book, bar, regime)
    assert journal.written == [
        change(0, Regime.QUIET),
        change(2, Regime.RANGE),
        change(3, Regime.QUIET),
    ]


def test_the_last_known_regime_stands_where_an_evaluation_cannot_tell(journal):
    book = book_on(journal)
    note(book, 0, Regime.TREND_UP)
    note(book, 1, None)
    assert book.known == {"BTCUSDT": Regime.TREND_UP}
    assert journal.written == [change(0, Regime.TREND_UP)]


def test_it_stands_across_a_restart_and_is_not_written_twice(journal):
    note(book_on(journal), 0, Regime.VOLATILE)
    again = book_on(journal)
    assert again.known == {"BTCUSDT": Regime.VOLATILE}
    note(again, 5, Regime.VOLATILE)
    assert journal.written == [change(0, Regime.VOLATILE)]


def test_regimes_of_another_interval_are_not_this_books(journal):
    journal.written.append(change(0, Regime.QUIET, interval=Interval.H1))
    assert book_on(journal).known == {}


def test_symbols_are_told_apart(journal):
    book = book_on(journal)
    note(book, 0, Regime.QUIET)
    note(book, 0, Regime.RANGE, "ETHUSDT")
    note(book, 1, Regime.QUIET)
    assert book.known == {"BTCUSDT": Regime.QUIET, "ETHUSDT": Regime.RANGE}
    assert len(journal.written) == 2


def test_what_could_not_be_written_comes_in_order_with_a_later_evaluation(journal):
    book = book_on(journal)
    journal.full = True
    note(book, 0, Regime.QUIET)
    note(book, 1, Regime.RANGE)
    assert journal.written == []
    assert book.known == {"BTCUSDT": Regime.RANGE}
    journal.full = False
    note(book, 2, None)
    assert journal.written == [change(0, Regime.QUIET), change(1, Regime.RANGE)]
