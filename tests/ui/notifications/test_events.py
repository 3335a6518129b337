from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from tests.ui.fakes import signal
from ui.notifications.events import Event, halt_events, hand_events, signal_events, told


def test_a_closed_trade_is_a_signal_a_fill_and_an_exit():
    events = {event.id: event for event in signal_events([signal(7)])}
    assert set(events) == {"signal-7", "fill-7", "exit-7"}
    assert "LONG BTCUSDT 1m" in events["signal-7"].title
    assert events["exit-7"].text == "+41.07 at its target"
    assert events["exit-7"].tone == "good"


def test_a_signal_without_a_trade_is_told_alone():
    row = signal(8, status=None, entry_ms=None, entry_price=None, exit_ms=None, pnl=None)
    assert [event.id for event in signal_events([row])] == ["signal-8"]


def test_trades_by_hand_are_told_as_such():
    trade = Trade(
        3, "ETHUSDT", Direction.SHORT, TradeStatus.CLOSED, 1.5, 1, 3_500.0, 3_300.0, 2,
        source=Source.HAND, entry_ms=10, entry_price=3_400.0,
        exit_ms=20, pnl=-12.0, exit_reason=ExitReason.STOP,
    )  # fmt: skip
    fill, end = hand_events([trade])
    assert "by hand" in fill.text
    assert end.text.endswith("12.00 at its stop")


def test_why_nothing_is_entered_is_a_warning_without_a_time():
    (event,) = halt_events(["the daily loss limit is reached"])
    assert (event.tone, event.at_ms) == ("warning", None)
    assert "daily loss limit" in event.text


def test_the_newest_are_told_first_and_not_too_many():
    events = [Event(f"e{i}", i, "info", "", "") for i in range(9)] + [Event("h", None, "", "", "")]
    assert [event["id"] for event in told(events, 3)] == ["h", "e8", "e7"]
