"""What the trading side reads back is what was written, in the promised order."""

from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.signal import Outcome
from core.model.source import Source
from core.model.trade import TradeStatus
from tests.builders import START_MS
from tests.core.journal.builders import M15_MS, decision, hold, key, opened, shadow, signal


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


def test_a_trade_is_found_by_its_number_and_an_unknown_one_is_an_error(journal, reader):
    journal.record_evaluation(decision(), signal=signal())
    assert reader.trade(1).symbol == "BTCUSDT"
    with pytest.raises(JournalError, match="no trade 2"):
        reader.trade(2)
    with pytest.raises(JournalError, match="no trade 3"):
        reader.trades_of([1, 3])
    assert reader.trades_of([]) == ()


def test_the_equity_curve_is_in_order_of_time_and_may_begin_later(journal, reader):
    assert reader.equity_curve() == ()
    for at_ms in (3, 1, 2):
        journal.add_equity([EquityPoint(at_ms, 10.0 + at_ms, 10.0, float(at_ms))])
    shadow_point = EquityPoint(2, 7.0, 7.0, 0.0, 0.5, Source.RULES)
    journal.add_equity([shadow_point])
    points = tuple(EquityPoint(n, 10.0 + n, 10.0, float(n)) for n in (1, 2, 3))
    assert reader.equity_curve() == points
    assert reader.equity_curve(since_ms=2) == points[1:]
    assert reader.equity_curve(source=Source.RULES) == (shadow_point,)
    assert reader.equity_curve(source=Source.RANDOM) == ()


def closed(trade, exit_ms, pnl):
    return replace(trade, status=TradeStatus.CLOSED, exit_ms=exit_ms, pnl=pnl)


def test_accounts_are_told_apart_in_results_and_exits(journal, reader):
    journal.record_evaluation(decision(), signal=signal(), shadows=[shadow()])
    eth = key(symbol="ETHUSDT")
    journal.record_evaluation(decision(eth), signal=signal(eth))
    journal.record_evaluation(decision(key(1)), signal=signal(key(1)))
    journal.record_evaluation(decision(key(2)), signal=signal(key(2)))
    first, rules, ether, second, pending = reader.open_trades()
    done = [closed(first, 5, 3.5), closed(rules, 9, -1.0), closed(ether, 7, 0.25)]
    done.append(closed(second, 8, -0.5))
    journal.save_trades(done)
    assert reader.realised() == {
        Source.POLICY: 3.25,
        Source.RULES: -1.0,
        Source.RANDOM: 0.0,
        Source.HAND: 0.0,
    }
    assert reader.last_exits(Source.POLICY) == {"BTCUSDT": 8, "ETHUSDT": 7}
    assert reader.last_exits(Source.RULES) == {"BTCUSDT": 9}
    assert reader.last_exits(Source.RANDOM) == {}
    assert reader.open_trades() == (pending,)

    def numbers(*which, **limits):
        return [trade.id for trade in reader.closed_trades(*which, **limits)]

    assert numbers() == [1, 3, 4, 2]
    assert numbers(Source.POLICY) == [1, 3, 4]
    assert numbers(Source.POLICY, since_ms=7) == [3, 4]
    assert numbers(symbol="BTCUSDT") == [1, 4, 2]


def test_decisions_are_those_of_a_markets_bars_in_the_order_of_time(journal, reader):
    for n in (3, 1, 2):
        journal.record_evaluation(decision(key(n), Outcome.HOLD))
    journal.record_evaluation(hold(key(1, symbol="ETHUSDT")))
    wanted = (decision(key(1), Outcome.HOLD), decision(key(2), Outcome.HOLD))
    span = (START_MS + M15_MS, START_MS + 3 * M15_MS)
    assert reader.decisions("BTCUSDT", Interval.M15, *span) == wanted
    assert reader.decisions("BTCUSDT", Interval.H1, *span) == ()


def test_signals_are_counted_from_an_instant_on_and_by_symbol(journal, reader):
    for at in (key(), key(1), key(1, "ETHUSDT")):
        journal.record_evaluation(decision(at), signal=signal(at))
    assert reader.signal_count() == 3
    assert reader.signal_count(signal(key(1)).decided_ms) == 2
    assert reader.signal_count(signal(key(1)).decided_ms + 1) == 0
    assert reader.signal_count(symbol="BTCUSDT") == 2


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
