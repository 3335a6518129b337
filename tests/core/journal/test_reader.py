"""What the trading side reads back is what was written, in the promised order."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.trade import TradeStatus
from tests.builders import START_MS
from tests.core.journal.builders import M15_MS, decision, hold, key, opened, signal


@pytest.fixture
def journal(tmp_path):
    return opened(tmp_path)


@pytest.fixture
def reader(tmp_path, journal):
    return JournalReader.open(database_url(tmp_path / "journal.db"))


def test_trades_come_oldest_first_while_open_and_by_exit_when_closed(journal, reader):
    for n in range(4):
        journal.record_evaluation(decision(key(n)), signal=signal(key(n)))
    assert [trade.signal_id for trade in reader.open_trades()] == [1, 2, 3, 4]
    first, second, third, fourth = reader.open_trades()
    closed = {"status": TradeStatus.CLOSED, "pnl": 1.0}
    journal.save_trades(
        [
            replace(first, exit_ms=START_MS + 9, **closed),
            replace(second, status=TradeStatus.REFUSED),
            replace(third, exit_ms=START_MS + 5, **closed),
            replace(fourth, status=TradeStatus.OPEN, entry_price=1.0),
        ]
    )
    assert [trade.signal_id for trade in reader.open_trades()] == [4]
    assert [trade.signal_id for trade in reader.closed_trades()] == [3, 1]


def test_a_trade_is_found_by_its_signal_and_an_unknown_one_is_an_error(journal, reader):
    journal.record_evaluation(decision(), signal=signal())
    assert reader.trade(1).symbol == "BTCUSDT"
    with pytest.raises(JournalError, match="no trade of signal 2"):
        reader.trade(2)


def test_the_equity_curve_is_in_order_of_time_and_may_begin_later(journal, reader):
    assert reader.equity_curve() == ()
    for at_ms in (3, 1, 2):
        journal.add_equity(at_ms, 10.0 + at_ms, 10.0, float(at_ms))
    points = tuple(EquityPoint(n, 10.0 + n, 10.0, float(n)) for n in (1, 2, 3))
    assert reader.equity_curve() == points
    assert reader.equity_curve(since_ms=2) == points[1:]


def test_the_last_evaluation_is_told_apart_by_symbol_and_interval_whatever_the_strategy(
    journal, reader
):
    for n in (2, 5, 3):
        journal.record_evaluation(hold(key(n)))
    journal.record_evaluation(hold(key(9, symbol="ETHUSDT")))
    assert reader.last_evaluated_ms("BTCUSDT", Interval.M15) == START_MS + 5 * M15_MS
    journal.record_evaluation(hold(key(8, strategy="other")))
    assert reader.last_evaluated_ms("BTCUSDT", Interval.M15) == START_MS + 8 * M15_MS
    assert reader.last_evaluated_ms("BTCUSDT", Interval.H1) is None
    assert reader.last_evaluated_ms("SOLUSDT", Interval.M15) is None


def test_signal_times_are_those_after_the_instant(journal, reader):
    for n in range(3):
        journal.record_evaluation(decision(key(n)), signal=signal(key(n)))
    journal.record_evaluation(hold(key(3)))
    times = [signal(key(n)).decided_ms for n in range(3)]
    assert reader.signal_times_since(times[0]) == tuple(times[1:])
    assert reader.signal_times_since(0) == tuple(times)


def test_a_control_is_read_as_last_set_and_is_none_before(journal, reader):
    assert reader.control("restart_feed") is None
    journal.set_control("restart_feed", "1", START_MS)
    journal.set_control("another", "9", START_MS)
    assert reader.control("restart_feed") == "1"
    journal.set_control("restart_feed", "2", START_MS + 1)
    assert reader.control("restart_feed") == "2"
