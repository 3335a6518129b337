from core.model.trade import ExitReason, TradeStatus
from tests.builders import instrument
from tests.ui.fakes import signal
from ui.panels.signals import signal_rows, signals_summary
from ui.signal_words import outcome

INSTRUMENTS = {"BTCUSDT": instrument()}


def test_a_row_shows_what_the_fill_cost_and_the_decimals_of_the_tick():
    (row,) = signal_rows([signal(1)], INSTRUMENTS)
    assert (row["entry"], row["exit"], row["pnl"]) == (64_012.1, 64_500.0, 41.07)
    assert row["decimals"] == 1
    assert row["reasons"] == "Supertrend turned up; volume 1.8 times its mean"


def test_before_the_fill_a_row_shows_the_price_it_was_decided_at():
    (row,) = signal_rows([signal(1, entry_price=None, status=TradeStatus.PENDING)], INSTRUMENTS)
    assert (row["entry"], row["status"]) == (64_010.5, "pending")


def test_outcomes_are_said_in_words():
    assert outcome(signal(1)) == "closed at target, P&L +41.07"
    assert outcome(signal(1, status=None)) == "no trade"
    assert outcome(signal(1, status=TradeStatus.OPEN)) == "position open"
    refused = signal(1, status=TradeStatus.REFUSED, exit_reason=ExitReason.BEYOND_STOP)
    assert outcome(refused) == "entry refused: price beyond stop"


def test_the_summary_counts_closed_and_won():
    rows = [signal(1), signal(2, pnl=-3.0), signal(3, pnl=None, status=TradeStatus.OPEN)]
    (summary,) = signals_summary(rows)
    assert summary.children == "newest 3 · 2 closed, 1 won"
    assert signals_summary([]) == []
