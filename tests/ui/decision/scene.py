"""Stories for the tests of what the page says of evaluations."""

from dataclasses import replace
from typing import Any

from core.journal.decision_reader import Story
from core.model.signal import Outcome
from core.model.trade import ExitReason, Trade, TradeStatus
from tests.core.journal.builders import CALL, decision, hold, signal

TRADE = Trade(
    id=3,
    symbol="BTCUSDT",
    direction=signal().direction,
    status=TradeStatus.CLOSED,
    quantity=0.037,
    decided_ms=signal().decided_ms,
    stop=97.5,
    target=106.25,
    last_bar_ms=0,
    confidence=66.5,
    entry_ms=signal().decided_ms + 1,
    entry_price=100.5,
    exit_ms=signal().decided_ms + 600_000,
    exit_price=106.25,
    exit_reason=ExitReason.TARGET,
    fees=0.004,
    funding=-0.001,
    pnl=12.5,
    r_multiple=1.9,
)


def traded(**changes: Any) -> Story:
    """A long that hit its target."""
    return Story(7, decision(), signal(), (CALL,), (replace(TRADE, **changes),))


def ended(outcome: Outcome, reason: str, **changes: Any) -> Story:
    """An evaluation that ended in nothing."""
    return Story(8, replace(decision(outcome=outcome), reason=reason, **changes))


def unready() -> Story:
    """An evaluation in which the rules did not even run."""
    return Story(9, hold())
