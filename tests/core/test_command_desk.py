"""Commands by hand: what is done, what is refused, and what a kill leaves."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.journal.database import Access, database_url
from core.journal.journal import Journal
from core.model.alert import PRICE, Alert, Comparison
from core.model.command import (
    AddAlert,
    Close,
    CommandState,
    Enter,
    Flatten,
    MoveLevels,
    PauseSymbol,
    RemoveAlert,
    ResumeSymbol,
)
from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from core.trading.account import Halt
from tests.builders import START_MS
from tests.core.hand_scene import NOW_S, HandScene, Killer, running
from tests.core.journal.builders import decision, key, shadow, signal
from tests.core.paper_scene import MINUTE, KilledError

LONG = Enter("BTCUSDT", Direction.LONG, 95.0, 115.0, risk_pct=0.5)
ABOVE = Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, 101.0)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    path = tmp_path_factory.mktemp("migrated")
    Journal.open(database_url(path / "journal.db"), access=Access.LIGHT).checkpoint_and_close()
    return path / "journal.db"


@pytest.fixture
def home(migrated, tmp_path):
    shutil.copy(migrated, tmp_path / "journal.db")
    return tmp_path


@pytest.fixture
def scene(home):
    made = HandScene(home)
    yield made
    made.journal.close()


def refused(row, words):
    return row.state is CommandState.REFUSED and words in row.answer


def test_an_entry_by_hand_fills_at_the_next_open_in_an_account_of_its_own(scene):
    row = scene.carried_out(LONG)
    assert row.state is CommandState.DONE
    assert "LONG" in row.answer
    (trade,) = scene.reader.live_trades()
    assert (trade.source, trade.status, trade.signal_id) == (
        Source.HAND,
        TradeStatus.PENDING,
        None,
    )
    assert scene.entered_at == [(Source.HAND, START_MS + 1)]
    scene.walk_to(1)
    (trade,) = scene.reader.live_trades()
    assert (trade.status, trade.entry_ms) == (TradeStatus.OPEN, START_MS + MINUTE)
    assert refused(scene.carried_out(LONG), "open_position")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (replace(LONG, risk_pct=50.0), "allowed per trade"),
        (replace(LONG, risk_pct=None, quantity=500.0), "more than the"),
        (replace(LONG, risk_pct=None, quantity=0.0001), "the least are"),
        (replace(LONG, stop=101.0), "levels"),
        (replace(LONG, symbol="ETHUSDT"), "no live price"),
    ],
)
def test_an_entry_is_refused_with_the_reason(scene, wish, words):
    assert refused(scene.carried_out(wish), words)
    assert scene.reader.live_trades() == ()


def test_a_quantity_that_is_allowed_is_taken_as_it_is(scene):
    scene.carried_out(replace(LONG, risk_pct=None, quantity=1.5))
    assert [trade.quantity for trade in scene.reader.live_trades()] == [1.5]


def test_a_halt_of_the_account_by_hand_refuses_its_entries(scene):
    scene.halts = (Halt("drawdown", "equity fell"),)
    assert refused(scene.carried_out(LONG), "drawdown: equity fell")


def test_half_a_trade_is_closed_and_the_other_half_lives(scene):
    scene.carried_out(LONG)
    scene.walk_to(1)
    (whole,) = scene.reader.live_trades()
    assert scene.carried_out(Close(whole.id, 0.5)).state is CommandState.DONE
    positions = scene.desk.positions(Source.HAND, {})
    assert positions["BTCUSDT"].notional == pytest.approx(whole.quantity * 100.0, rel=1e-3)
    scene.walk_to(3)
    (stays,) = scene.reader.live_trades()
    (part,) = scene.reader.recent_trades(source=Source.HAND)
    assert stays.id == whole.id == part.part_of
    assert stays.quantity + part.quantity == pytest.approx(whole.quantity)
    assert (part.exit_reason, part.exit_ms) == (ExitReason.BY_HAND, START_MS + 3 * MINUTE)


def test_a_stop_is_moved_at_the_next_open_and_never_to_the_wrong_side(scene):
    scene.carried_out(LONG)
    scene.walk_to(1)
    assert refused(scene.carried_out(MoveLevels(1, stop=100.5)), "must be below the price")
    assert refused(scene.carried_out(MoveLevels(1, target=99.0)), "must be above the price")
    assert refused(scene.carried_out(MoveLevels(1, stop=1.0)), "at risk there")
    assert scene.carried_out(MoveLevels(1, stop=98.0, target=120.0)).state is CommandState.DONE
    scene.walk_to(3)
    (trade,) = scene.reader.live_trades()
    assert (trade.stop, trade.target, trade.entry_stop) == (98.0, 120.0, 95.0)


def test_flatten_withdraws_what_is_pending_and_closes_what_is_open(scene):
    scene.carried_out(LONG)
    assert scene.carried_out(Flatten()).state is CommandState.DONE
    (trade,) = scene.reader.recent_trades()
    assert (trade.status, trade.exit_reason) == (TradeStatus.REFUSED, ExitReason.BY_HAND)
    scene.carried_out(replace(LONG))
    assert scene.carried_out(Flatten()).answer != "there was nothing to close"


def test_shadows_are_left_to_themselves(scene):
    recorded = scene.journal.record_evaluation(decision(), shadows=[shadow()])
    scene.desk.adopt(recorded.trade_ids)
    assert refused(scene.carried_out(Close(recorded.trade_ids[0])), "left to itself")


def test_a_trade_that_is_over_or_unknown_is_not_closed(scene):
    assert refused(scene.carried_out(Close(77)), "no pending or open trade 77")


def test_a_pause_stands_after_a_restart_and_holds_for_the_policy_alone(scene, home):
    scene.carried_out(PauseSymbol("BTCUSDT"))
    again = HandScene(home)
    assert again.pauses.symbols == ("BTCUSDT",)
    assert "paused by hand" in again.pauses.halts("BTCUSDT", Source.POLICY)[0].reason
    assert again.pauses.halts("BTCUSDT", Source.HAND) == ()
    assert again.pauses.halts("ETHUSDT", Source.POLICY) == ()
    again.carried_out(ResumeSymbol("BTCUSDT"))
    assert again.pauses.symbols == ()
    again.journal.close()


def test_pauses_that_cannot_be_read_block_the_policy(scene, home):
    scene.journal.set_control("paused_symbols", '["BTC/USDT"]', 1)
    again = HandScene(home)
    assert "no list of symbols" in again.pauses.halts("ETHUSDT", Source.POLICY)[0].reason
    again.journal.close()


def test_alerts_are_added_and_removed_and_unknown_ones_refused(scene):
    assert scene.carried_out(AddAlert(ABOVE)).state is CommandState.DONE
    assert [row.alert for row in scene.reader.alerts()] == [ABOVE]
    nothing = replace(ABOVE, subject="luck")
    assert refused(scene.carried_out(AddAlert(nothing)), "no feature named luck")
    scene.carried_out(RemoveAlert(1))
    assert scene.reader.alerts() == ()
    assert refused(scene.carried_out(RemoveAlert(1)), "no alert 1")


def test_a_command_that_nobody_was_there_for_is_refused(home):
    late = HandScene(home, clock_s=NOW_S + 31.0)
    assert refused(late.carried_out(LONG), "the engine was not there")
    late.journal.close()


@pytest.mark.parametrize("text", ["{}", '{"kind": "enter", "\\ud800": 1}'])
def test_a_row_that_is_no_command_is_answered_and_stops_nobody(scene, home, text):
    number = scene.ask(LONG)
    with closing(sqlite3.connect(home / "journal.db")) as connection, connection:
        connection.execute("UPDATE commands SET command = ?", [text])
    assert scene.carried_out(LONG).state is CommandState.DONE
    assert refused(scene.reader.command(number), "this is no command")


STEPS = (
    (LONG, PauseSymbol("BTCUSDT"), AddAlert(ABOVE)),
    (Close(1, 0.5), MoveLevels(1, stop=98.0), ResumeSymbol("BTCUSDT")),
    (Flatten(), RemoveAlert(1)),
)


def play(home, dies_at=None, before=False):
    """Carry out all steps, over again after a kill; return the tables and the writes it took."""
    killer = Killer(dies_at, before)
    scene = HandScene(home, killer)
    for step, commands in enumerate(STEPS):
        for command in commands:
            scene.ask(command)
        minute = 2 * step + 1
        while True:
            try:
                asyncio.run(scene.commands.look())
                scene.walk_to(minute)
                break
            except KilledError:
                scene.journal.close()
                now_ms = scene.now_ms
                scene = HandScene(home, killer)
                scene.now_ms = now_ms
        scene.prices.hear(running(at_ms=scene.now_ms))
    scene.journal.close()
    with closing(sqlite3.connect(home / "journal.db")) as connection:
        tables = [
            connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()
            for name in ("commands", "trades", "alerts", "control")
        ]
    return tables, killer.writes


def test_a_desk_killed_at_any_write_does_no_command_twice_and_loses_none(migrated, tmp_path):
    def fresh(name):
        (tmp_path / name).mkdir()
        shutil.copy(migrated, tmp_path / name / "journal.db")
        return tmp_path / name

    calm, writes = play(fresh("calm"))
    assert {row[7] for row in calm[0]} == {"done"}
    assert len(calm[1]) == 2
    for dies_at in range(1, writes + 1):
        for before in (True, False):
            found, _ = play(fresh(f"{dies_at}{before}"), dies_at, before)
            assert found == calm, (dies_at, before)


def test_an_account_is_never_valued_between_a_part_and_what_it_was_split_from(scene):
    scene.carried_out(LONG)
    scene.walk_to(1)
    before = scene.desk.equity(Source.HAND, {}).total
    number = scene.ask(Close(1, 0.5))

    async def watched():
        looking = asyncio.ensure_future(scene.commands.look())
        seen = set()
        while not looking.done():
            seen.add(round(scene.desk.equity(Source.HAND, {}).total, 6))
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(watched()) == {round(before, 6)}
    assert scene.reader.command(number).state is CommandState.DONE
    assert [trade.part_of for trade in scene.desk.trades.live()] == [None, 1]
    assert scene.desk.trades.live() == scene.reader.open_trades()


def test_a_command_of_the_future_is_refused_for_the_clock_was_put_back(home):
    scene = HandScene(home, clock_s=NOW_S - 3_600.0)
    assert refused(scene.carried_out(LONG), "was not there")
    scene.journal.close()


def test_a_trade_that_begins_while_flatten_waits_for_its_turn_is_closed_too(scene):
    scene.carried_out(LONG)
    bar = key(symbol="ETHUSDT")
    recorded = scene.journal.record_evaluation(decision(bar), signal=signal(bar))
    number = scene.ask(Flatten((Source.HAND, Source.POLICY)))

    async def meanwhile():
        async with scene.desk.trades.lock("BTCUSDT"):
            looking = asyncio.ensure_future(scene.commands.look())
            while not scene.desk.trades.lock("BTCUSDT")._waiters:
                await asyncio.sleep(0.001)
            scene.desk.adopt(recorded.trade_ids)
        await looking

    asyncio.run(meanwhile())
    assert "2 trades" in scene.reader.command(number).answer


def test_each_answered_command_is_told_once_with_who_asked(scene):
    scene.carried_out(LONG)
    scene.carried_out(Close(99))
    asyncio.run(scene.commands.look())
    told = [(row.command, row.who, state) for row, state, _ in scene.answered]
    assert told == [
        (LONG, "a test", CommandState.DONE),
        (Close(99), "a test", CommandState.REFUSED),
    ]
