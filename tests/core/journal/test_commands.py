"""Commands and trades by hand as the page reads them."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from core.journal.commands import CarriedOut, Effects
from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.reader import JournalReader
from core.model.alert import PRICE, Alert, Comparison
from core.model.command import CommandState, PauseSymbol
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from tests.core.journal.builders import opened
from tests.core.paper_scene import pending

PAUSE = PauseSymbol("BTCUSDT")


@pytest.fixture
def journal(tmp_path):
    made = opened(tmp_path)
    yield made
    made.close()


@pytest.fixture
def reader(journal, tmp_path):
    return JournalReader.open(database_url(tmp_path / "journal.db"))


def test_a_command_is_settled_once_and_its_effects_come_with_it(journal, reader):
    number = journal.add_command(PAUSE, who="somebody", at_ms=5)
    (waiting,) = reader.waiting_commands()
    assert (waiting.id, waiting.command, waiting.who) == (number, PAUSE, "somebody")
    effects = Effects(new_trades=(pending(source=Source.HAND),), control=("key", "value", 7))
    done = journal.settle_command(number, CommandState.DONE, "it is", effects)
    assert done == CarriedOut(trade_ids=(1,))
    assert journal.settle_command(number, CommandState.REFUSED, "again", effects) is None
    assert reader.waiting_commands() == ()
    assert (reader.command(number).state, reader.command(number).answer) == (
        CommandState.DONE,
        "it is",
    )
    assert len(reader.live_trades()) == 1
    assert reader.control("key") == "value"
    assert reader.recent_commands(1)[0].id == number


def test_a_command_that_was_never_asked_is_unknown(reader):
    with pytest.raises(JournalError, match="no command 9"):
        reader.command(9)


@pytest.mark.parametrize("who", ["", " ", "a\nb", "x" * 101])
def test_whoever_asks_has_a_name(journal, who):
    with pytest.raises(ValueError, match="who"):
        journal.add_command(PAUSE, who=who, at_ms=0)


def test_recent_trades_are_those_that_are_over_the_newest_exit_first(journal, reader):
    over = {"exit_reason": ExitReason.BY_HAND, "status": TradeStatus.REFUSED}
    mine = [
        replace(pending(source=Source.HAND), exit_ms=exit_ms, **over) for exit_ms in (30, 10, 20)
    ]
    trades = (*mine, replace(pending(), exit_ms=40, **over), pending())
    number = journal.add_command(PAUSE, who="somebody", at_ms=0)
    journal.settle_command(number, CommandState.DONE, "", Effects(new_trades=trades))
    assert [trade.exit_ms for trade in reader.recent_trades()] == [40, 30, 20, 10]
    assert [trade.exit_ms for trade in reader.recent_trades(2, Source.HAND)] == [30, 20]
    assert [trade.id for trade in reader.live_trades()] == [5]


def test_an_alert_that_was_made_impossible_by_hand_stops_none_of_the_others(
    journal, reader, tmp_path, caplog
):
    for level in (1.0, 2.0, 3.0):
        number = journal.add_command(PAUSE, who="somebody", at_ms=5)
        alert = Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, level)
        journal.settle_command(number, CommandState.DONE, "", Effects(new_alert=alert))
    with closing(sqlite3.connect(tmp_path / "journal.db")) as connection:
        connection.execute("UPDATE alerts SET level = -1, fired_ms = 9 WHERE id = 1")
        connection.execute("UPDATE alerts SET comparison = 'near' WHERE id = 2")
        connection.commit()
    assert [row.id for row in reader.alerts()] == [3]
    assert reader.fired_since(0) == ()
    assert "alert left out: id=1" in caplog.text
