"""What is written is there, whole, once, and in the form that people query."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.evaluations import Recorded
from core.journal.journal import Journal
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.model.equity import EquityPoint
from core.model.intervals import MINUTE_MS
from core.model.signal import Direction, Outcome
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from tests.builders import START_MS
from tests.core.journal.builders import (
    CALL,
    M15_MS,
    decision,
    hold,
    key,
    opened,
    reading,
    shadow,
    signal,
)


def rows(tmp_path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        return connection.execute(sql).fetchall()


def overview(tmp_path: Path) -> JournalOverview:
    return JournalOverview.open(database_url(tmp_path / "journal.db"))


def reader(tmp_path: Path) -> JournalReader:
    return JournalReader.open(database_url(tmp_path / "journal.db"))


def test_a_signal_is_recorded_with_its_decision_its_pending_trade_and_the_call(tmp_path):
    journal = opened(tmp_path)
    recorded = journal.record_evaluation(decision(), signal=signal(), calls=[CALL])
    assert recorded == Recorded(1, (1,))
    assert overview(tmp_path).row_counts() == {
        "alerts": 0,
        "audit": 0,
        "chat_messages": 0,
        "commands": 0,
        "control": 0,
        "decisions": 1,
        "equity": 0,
        "feature_telemetry": 0,
        "llm_calls": 1,
        "regimes": 0,
        "signals": 1,
        "trades": 1,
    }
    assert reader(tmp_path).open_trades() == (
        Trade(
            id=1,
            signal_id=1,
            symbol="BTCUSDT",
            direction=Direction.LONG,
            status=TradeStatus.PENDING,
            quantity=0.037,
            decided_ms=signal().decided_ms,
            stop=97.5,
            target=106.25,
            last_bar_ms=START_MS + M15_MS - MINUTE_MS,
            confidence=64.5,
            invalidation=signal().invalidation,
            expires_ms=signal().expires_ms,
        ),
    )


def test_what_shadows_enter_are_trades_without_a_signals_row_in_the_order_given(tmp_path):
    journal = opened(tmp_path)
    shadows = [shadow(), shadow(source=Source.RANDOM)]
    recorded = journal.record_evaluation(decision(), signal=signal(), shadows=shadows)
    assert recorded == Recorded(1, (1, 2, 3))
    quiet = journal.record_evaluation(hold(key(1)), shadows=[shadow(key(1))])
    assert quiet == Recorded(None, (4,))
    found = reader(tmp_path).trades_of([4, 1, 2, 3])
    sources = [(trade.id, trade.source, trade.signal_id) for trade in found]
    assert sources == [
        (4, Source.RULES, None),
        (1, Source.POLICY, 1),
        (2, Source.RULES, None),
        (3, Source.RANDOM, None),
    ]
    assert overview(tmp_path).row_counts()["signals"] == 1
    assert rows(tmp_path, "SELECT DISTINCT interval, strategy FROM trades WHERE id < 4") == [
        ("15m", "a1b2c3d4e5f6")
    ]


@pytest.mark.parametrize("wrong", [{"signal": shadow()}, {"shadows": [signal()]}])
def test_a_signal_in_the_place_of_another_accounts_is_refused(tmp_path, wrong):
    journal = opened(tmp_path)
    with pytest.raises(ValueError, match="in the place of another account's"):
        journal.record_evaluation(decision(), **wrong)
    assert overview(tmp_path).row_counts()["decisions"] == 0


def test_two_entries_of_one_shadow_on_one_bar_are_refused_whole(tmp_path):
    journal = opened(tmp_path)
    with pytest.raises(JournalError, match="UNIQUE"):
        journal.record_evaluation(decision(), shadows=[shadow(), shadow()])
    assert set(overview(tmp_path).row_counts().values()) == {0}


def test_a_decision_without_a_signal_leaves_one_row_and_no_id(tmp_path):
    journal = opened(tmp_path)
    assert journal.record_evaluation(hold()) == Recorded()
    counts = overview(tmp_path).row_counts()
    assert (counts["decisions"], counts["signals"], counts["llm_calls"]) == (1, 0, 0)


def test_repeating_an_evaluation_doubles_nothing_but_what_was_paid_twice(tmp_path):
    journal = opened(tmp_path)
    given = {"signal": signal(), "shadows": [shadow()], "calls": [CALL]}
    journal.record_evaluation(decision(), **given)
    before = overview(tmp_path).row_counts()
    assert journal.record_evaluation(decision(), **given) is None
    assert journal.record_evaluation(hold(key())) is None
    assert overview(tmp_path).row_counts() == {**before, "llm_calls": 2}


@pytest.mark.parametrize("forgotten", [["decisions"], ["decisions", "signals"]])
def test_a_bar_that_was_traded_is_known_after_its_decision_was_forgotten(tmp_path, forgotten):
    journal = opened(tmp_path)
    journal.record_evaluation(decision(), signal=signal())
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        for table in forgotten:
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
    assert journal.record_evaluation(decision(), signal=signal()) is None
    assert len(reader(tmp_path).open_trades()) == 1


def test_decisions_in_bulk_leave_those_that_are_known_as_they_are(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision(key(1)), signal=signal(key(1)))
    journal.record_decisions([hold(key(n)) for n in range(3)])
    journal.record_decisions([decision(key(3), Outcome.HOLD), hold(key(2))])
    journal.record_decisions([])
    found = reader(tmp_path).decisions("BTCUSDT", key().interval, START_MS, START_MS + 4 * M15_MS)
    assert found == (hold(), decision(key(1)), hold(key(2)), decision(key(3), Outcome.HOLD))


def test_another_strategy_symbol_or_bar_is_another_evaluation(tmp_path):
    journal = opened(tmp_path)
    others = [key(), key(1), key(symbol="ETHUSDT"), key(strategy="ffffffffffff")]
    ids = [journal.record_evaluation(decision(at), signal=signal(at)) for at in others]
    assert ids == [Recorded(n, (n,)) for n in (1, 2, 3, 4)]


def test_a_refused_row_leaves_nothing_of_its_evaluation(tmp_path):
    journal = opened(tmp_path)
    broken = replace(CALL, cost_usd=float("nan"))  # SQLite reads NaN as NULL
    with pytest.raises(JournalError, match="cost_usd"):
        journal.record_evaluation(decision(), signal=signal(), calls=[broken])
    assert set(overview(tmp_path).row_counts().values()) == {0}


def test_a_signal_of_another_bar_is_refused_before_anything_is_written(tmp_path):
    journal = opened(tmp_path)
    with pytest.raises(ValueError, match="with a decision on"):
        journal.record_evaluation(decision(), signal=signal(key(1)))
    assert overview(tmp_path).row_counts()["decisions"] == 0


def test_created_at_is_feed_time_and_recorded_at_the_local_clock(tmp_path):
    at = replace(key(), open_time_ms=1_795_230_900_000)
    made = replace(decision(at), decided_ms=1_795_231_800_999)
    given = replace(signal(at), decided_ms=1_795_231_800_999)
    opened(tmp_path).record_evaluation(made, signal=given, calls=[CALL])
    for table in ("signals", "decisions", "llm_calls"):
        found = rows(tmp_path, f"SELECT created_at, recorded_at FROM {table}")
        assert found == [("2026-11-21 03:30:00", "2027-01-15 08:00:00")]
    assert rows(tmp_path, "SELECT created_at FROM trades") == [("2026-11-21 03:30:00",)]


def test_the_runbooks_deletion_of_old_signals_loses_no_trade_and_frees_no_id(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision(), signal=signal())
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM signals WHERE created_at < date('now', '-90 days')")
        connection.commit()
    assert overview(tmp_path).row_counts()["signals"] == 0
    assert len(reader(tmp_path).open_trades()) == 1
    again = journal.record_evaluation(decision(key(1)), signal=signal(key(1)))
    assert again == Recorded(2, (2,))


def test_saving_a_trade_replaces_what_was_known_of_it(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision(), signal=signal())
    pending = reader(tmp_path).trade(1)
    entered = replace(pending, status=TradeStatus.OPEN, entry_ms=START_MS, entry_price=100.5)
    journal.save_trades([entered])
    assert reader(tmp_path).open_trades() == (entered,)
    done = replace(
        entered,
        status=TradeStatus.CLOSED,
        exit_ms=START_MS + 1,
        exit_price=97.4,
        exit_reason=ExitReason.STOP,
        fees=0.1,
        pnl=-3.1,
        r_multiple=-1.03,
    )
    journal.save_trades([done])
    assert reader(tmp_path).open_trades() == ()
    assert reader(tmp_path).closed_trades() == (done,)


def test_saving_a_trade_leaves_what_it_came_from(tmp_path):
    journal = opened(tmp_path)
    journal.record_evaluation(decision(), signal=signal())
    columns = "SELECT created_at, interval, open_time_ms, strategy FROM trades"
    before = rows(tmp_path, columns)
    journal.save_trades([replace(reader(tmp_path).trade(1), decided_ms=1, stop=98.0)])
    assert rows(tmp_path, columns) == before
    assert rows(tmp_path, "SELECT stop FROM trades") == [(98,)]


def test_saving_no_trades_and_adding_no_readings_is_nothing(tmp_path):
    journal = opened(tmp_path)
    journal.save_trades([])
    journal.add_readings([])
    assert set(overview(tmp_path).row_counts().values()) == {0}


def test_a_later_word_on_equity_and_control_wins(tmp_path):
    journal = opened(tmp_path)
    rules = EquityPoint(START_MS, 1.0, 1.0, 0.0, source=Source.RULES)
    journal.add_equity([EquityPoint(START_MS, 10_000.0, 10_000.0, 0.0), rules])
    journal.add_equity([EquityPoint(START_MS, 9_990.0, 9_995.0, -5.0, 0.7)])
    journal.add_equity([])
    journal.set_control("engine", "one", 1)
    journal.set_control("engine", "two", 2)
    assert rows(tmp_path, "SELECT source, equity, balance, open_pnl, exposure FROM equity") == [
        ("policy", 9990, 9995, -5, 0.7),
        ("rules", 1, 1, 0, 0),
    ]
    assert rows(tmp_path, "SELECT key, value, updated_ms FROM control") == [("engine", "two", 2)]


def test_a_clean_stop_leaves_one_file_also_after_readers_looked(tmp_path):
    journal = opened(tmp_path)
    looking = reader(tmp_path)
    journal.record_evaluation(decision(), signal=signal())
    journal.add_readings([reading("supertrend", 0)])
    assert (tmp_path / "journal.db-wal").exists()
    looking.open_trades()
    journal.checkpoint_and_close()
    assert [path.name for path in tmp_path.iterdir()] == ["journal.db"]
    looking.open_trades()
    assert [path.name for path in tmp_path.iterdir()] == ["journal.db"]


def test_a_reader_in_the_middle_of_reading_does_not_stop_the_writer(tmp_path):
    journal = opened(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as slow:
        slow.execute("BEGIN")
        assert slow.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        journal.record_evaluation(decision(), signal=signal())
        assert slow.execute("SELECT count(*) FROM decisions").fetchone() == (0,)
        slow.execute("COMMIT")
        assert slow.execute("SELECT count(*) FROM decisions").fetchone() == (1,)


def test_two_threads_may_write_and_others_read_at_once(tmp_path):
    journal, looking = opened(tmp_path), reader(tmp_path)

    def write(symbol: str) -> list[Recorded | None]:
        keys = [key(n, symbol) for n in range(20)]
        return [journal.record_evaluation(decision(at), signal=signal(at)) for at in keys]

    with ThreadPoolExecutor(4) as pool:
        ids = [pool.submit(write, symbol) for symbol in ("BTCUSDT", "ETHUSDT")]
        seen = [pool.submit(lambda: len(looking.open_trades())) for _ in range(40)]
        found = sorted(one.trade_ids for done in ids for one in done.result() if one)
        assert found == [(n,) for n in range(1, 41)]
        assert all(0 <= count.result() <= 40 for count in seen)


def test_a_text_with_quotes_and_foreign_letters_comes_back_as_it_went_in(tmp_path):
    odd = replace(decision(key(symbol="币安人生USDT")), reason='it\'s "quoted"; DROP TABLE ✓ Ω')
    opened(tmp_path).record_evaluation(odd)
    assert overview(tmp_path).recent_decisions() == (odd,)


def test_a_journal_whose_disk_refuses_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="file"):
        Journal.open(database_url(tmp_path / "file" / "data" / "journal.db"))
