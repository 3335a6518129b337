"""What became of a signal, in words."""

from core.journal.overview import SignalRow
from core.model.trade import TradeStatus
from ui.figures.numbers import number


def outcome(row: SignalRow) -> str:
    """Say how the signal's trade stands."""
    reason = (row.exit_reason or "").replace("_", " ")
    match row.status:
        case None:
            return "no trade"
        case TradeStatus.PENDING:
            return "entry pending"
        case TradeStatus.OPEN:
            return "position open"
        case TradeStatus.CLOSED:
            return f"closed at {reason}, P&L {number(row.pnl, 2, signed=True)}"
        case TradeStatus.REFUSED:
            return f"entry refused: {reason}"
