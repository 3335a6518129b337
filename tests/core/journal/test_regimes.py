"""When markets became others: written once, read newest first, kept while it stands."""

import sqlite3
from contextlib import closing

import pytest

from core.journal.database import database_url
from core.journal.reader import JournalReader
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from tests.builders import START_MS
from tests.core.journal.builders import opened

DAY_MS = Interval.D1.duration_ms


def change(n, regime=Regime.RANGE, symbol="BTCUSDT", interval=Interval.M15):
    """The change at the ``n``-th bar."""
    open_ms = START_MS + n * interval.duration_ms
    return RegimeChange(symbol, interval, regime, open_ms, interval.close_time_ms(open_ms))


@pytest.fixture
def journal(tmp_path):
    return opened(tmp_path)


@pytest.fixture
def reader(tmp_path, journal):
    return JournalReader.open(database_url(tmp_path / "journal.db"))


def test_a_change_comes_back_as_it_was(journal, reader):
    for n, regime in enumerate(Regime):
        journal.add_regime(change(n, regime))
    found = reader.regime_history("BTCUSDT", Interval.M15)
    assert found == tuple(change(n, regime) for n, regime in reversed([*enumerate(Regime)]))
    assert reader.regime_history("BTCUSDT", Interval.M15, limit=2) == found[:2]


def test_repeating_a_change_is_harmless_and_the_first_word_stands(journal, reader):
    journal.add_regime(change(1, Regime.QUIET))
    journal.add_regime(change(1, Regime.QUIET))
    journal.add_regime(change(1, Regime.VOLATILE))
    assert reader.regime_history("BTCUSDT", Interval.M15) == (change(1, Regime.QUIET),)


def test_what_stands_is_the_newest_change_of_each_market_whatever_the_order_of_writing(
    journal, reader
):
    assert reader.regimes() == {}
    standing = [
        change(7, Regime.TREND_UP),
        change(3, Regime.TREND_DOWN, symbol="ETHUSDT"),
        change(2, Regime.QUIET, interval=Interval.H1),
    ]
    for one in [standing[0], change(4), change(1, symbol="ETHUSDT"), *standing[1:]]:
        journal.add_regime(one)
    assert reader.regimes() == {(one.symbol, one.interval): one for one in standing}


def test_a_market_without_a_regime_has_no_history(journal, reader):
    journal.add_regime(change(0))
    assert reader.regime_history("BTCUSDT", Interval.H1) == ()
    assert reader.regime_history("SOLUSDT", Interval.M15) == ()


def test_pruning_forgets_changes_older_than_a_year_but_never_what_stands(journal, reader):
    bars = 96
    for n in (0, 1, 30):
        journal.add_regime(change(n * bars))
    journal.add_regime(change(0, symbol="ETHUSDT"))
    assert journal.prune(START_MS + 367 * DAY_MS) == 2
    assert reader.regime_history("BTCUSDT", Interval.M15) == (change(30 * bars),)
    assert reader.regime_history("ETHUSDT", Interval.M15) == (change(0, symbol="ETHUSDT"),)
    assert journal.prune(START_MS + 900 * DAY_MS) == 0


def test_created_at_is_when_it_was_known_and_recorded_at_the_local_clock(tmp_path, journal):
    at_ms = 1_795_230_900_000
    made = RegimeChange("BTCUSDT", Interval.M15, Regime.QUIET, at_ms, at_ms + 899_999)
    journal.add_regime(made)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        found = connection.execute("SELECT created_at, recorded_at, regime FROM regimes").fetchall()
    assert found == [("2026-11-21 03:29:59", "2027-01-15 08:00:00", "quiet")]
