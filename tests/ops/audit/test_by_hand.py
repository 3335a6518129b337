"""What a person asked the engine for is written down with its answer."""

from core.config import Home
from core.journal.command_records import CommandRow
from core.model.alert import PRICE, Alert, Comparison
from core.model.command import AddAlert, CommandState, PauseSymbol
from ops.audit.by_hand import by_hand
from ops.audit.verify import read_trail


def row(command, fault=""):
    return CommandRow(7, command, CommandState.WAITING, "", "the page", 0, fault)


def test_orders_and_pauses_are_written_down_and_alerts_are_not(tmp_path):
    answered = by_hand(Home(tmp_path))
    answered(row(PauseSymbol("BTCUSDT")), CommandState.DONE, "BTCUSDT is paused")
    answered(row(None, "is no JSON"), CommandState.REFUSED, "this is no command")
    alert = Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, 1.0)
    answered(row(AddAlert(alert)), CommandState.DONE, "watching")
    first, second = read_trail(Home(tmp_path))
    assert (first.who, first.action) == ("the page", "manual")
    assert first.detail.startswith("command 7 done: {")
    assert "BTCUSDT" in first.detail
    assert first.detail.endswith(": BTCUSDT is paused")
    assert second.detail == "command 7 refused: is no JSON: this is no command"
