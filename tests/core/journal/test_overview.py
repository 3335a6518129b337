"""What people look at."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.overview import ControlValue, FeatureSummary, JournalOverview
from core.journal.reader import JournalReader
from core.model.trade import ExitReason, TradeStatus
from tests.builders import START_MS
from tests.core.journal.builders import M15_MS, decision, hold, key, opened, reading, signal


@pytest.fixture
def journal(tmp_path):
    return opened(tmp_path)


@pytest.fixture
def overview(tmp_path, journal):
    return JournalOverview.open(database_url(tmp_path / "journal.db"))


def test_signals_come_newest_first_with_the_state_of_their_trades(tmp_path, journal, overview):
    for n in range(3):
        symbol = "ETHUSDT" if n == 1 else "BTCUSDT"
        journal.record_evaluation(decision(key(n, symbol)), signal=signal(key(n, symbol)))
    trade = JournalReader.open(database_url(tmp_path / "journal.db")).trade(1)
    closed = replace(
        trade,
        status=TradeStatus.CLOSED,
        entry_ms=5,
        entry_price=100.5,
        exit_ms=9,
        exit_price=106.25,
        exit_reason=ExitReason.TARGET,
        pnl=12.5,
        r_multiple=2.1,
    )
    journal.save_trades([closed])
    newest, middle, oldest = overview.recent_signals()
    assert (newest.id, middle.id, oldest.id) == (3, 2, 1)
    assert newest.status is TradeStatus.PENDING
    assert newest.entry_price is None
    assert newest.key == key(2)
    assert newest.reasons == ("turned up", "ADX 31.5")
    assert newest.entry == 100.125
    assert (oldest.status, oldest.exit_reason) == (TradeStatus.CLOSED, ExitReason.TARGET)
    assert (oldest.entry_price, oldest.exit_price, oldest.pnl) == (100.5, 106.25, 12.5)
    assert [row.id for row in overview.recent_signals(limit=1)] == [3]
    assert [row.id for row in overview.recent_signals(symbol="ETHUSDT")] == [2]


def test_decisions_come_back_as_they_were_newest_first(journal, overview):
    first, second, third = decision(key(0)), hold(key(1)), decision(key(2, "ETHUSDT"))
    journal.record_evaluation(first, signal=signal(key(0)))
    journal.record_evaluation(second)
    journal.record_evaluation(third)
    assert overview.recent_decisions() == (third, second, first)
    assert overview.recent_decisions(limit=1, symbol="BTCUSDT") == (second,)


def test_telemetry_is_summarised_by_feature(journal, overview):
    readings = [reading("supertrend", n, latency_ms=float(n + 1)) for n in range(20)]
    readings[7] = replace(readings[7], peak_kb=64.0)
    journal.add_readings(readings)
    journal.add_readings([reading("adx", 1, latency_ms=0.5, error="ValueError: short")])
    assert overview.telemetry() == (
        FeatureSummary("adx", 1, 1, START_MS + M15_MS, 0.5, 0.5, 0.5, None),
        FeatureSummary("supertrend", 20, 0, START_MS + 19 * M15_MS, 20.0, 10.5, 19.0, 64.0),
    )


def test_only_the_newest_readings_are_judged_but_all_are_counted(journal, overview):
    slow = [reading("supertrend", n, latency_ms=1000.0) for n in range(100)]
    quick = [reading("supertrend", 100 + n, latency_ms=1.0) for n in range(500)]
    journal.add_readings(quick + slow)
    (summary,) = overview.telemetry()
    assert (summary.count, summary.p95_latency_ms) == (600, 1.0)


def test_a_control_value_is_what_was_set_or_none(journal, overview):
    assert overview.control("engine") is None
    journal.set_control("engine", "{}", 17)
    assert overview.control("engine") == ControlValue("{}", 17)


def test_an_empty_journal_is_empty_not_an_error(overview):
    assert overview.recent_signals() == ()
    assert overview.recent_decisions() == ()
    assert overview.telemetry() == ()
    assert set(overview.row_counts().values()) == {0}
