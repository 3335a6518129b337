"""Paper trades from decision to exit."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.signal import Direction


class TradeStatus(StrEnum):
    """Where a trade is in its life."""

    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"
    REFUSED = "refused"


class ExitReason(StrEnum):
    """Why a position was closed, or a pending entry never opened."""

    STOP = "stop"
    TARGET = "target"
    BEYOND_STOP = "price_beyond_stop"
    BEYOND_TARGET = "price_beyond_target"


@dataclass(frozen=True, slots=True)
class Trade:
    """
    A paper trade; each step of its life is a new value.

    Attributes:
        signal_id: Row of the signal it came from; also its identity.
        fees: Paid so far, in quote currency.
        pnl: After fees; None until closed.
        r_multiple: ``pnl`` divided by the money risked at entry; None until closed.
        last_bar_ms: Open time of the newest 1m bar already walked, so that a
            restart neither repeats nor skips one.
    """

    signal_id: int
    symbol: str
    direction: Direction
    status: TradeStatus
    quantity: float
    decided_ms: int
    stop: float
    target: float
    last_bar_ms: int
    entry_ms: int | None = None
    entry_price: float | None = None
    exit_ms: int | None = None
    exit_price: float | None = None
    exit_reason: ExitReason | None = None
    fees: float = 0.0
    pnl: float | None = None
    r_multiple: float | None = None
